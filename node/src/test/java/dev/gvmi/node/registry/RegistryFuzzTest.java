package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What clients of the registry send. */
final class RegistryFuzzTest {
  private static final RegistryLimits LIMITS = RegistryLimits.DEFAULT;

  @FuzzTest
  void descriptors(byte[] input) {
    Descriptor descriptor;
    try {
      descriptor = Descriptor.parse(input, LIMITS);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    assertThat(input).hasSize(Descriptor.HEAD_BYTES + 32 * descriptor.chunkCount());
    long sum = 0;
    for (int i = 0; i < descriptor.chunkCount(); i++) {
      assertThat(descriptor.chunkOffset(i)).isEqualTo(sum);
      assertThat(descriptor.chunkLength(i)).isBetween(1L, LIMITS.chunkBytes());
      sum += descriptor.chunkLength(i);
    }
    assertThat(sum).isEqualTo(descriptor.sizeBytes());
  }

  @FuzzTest
  void queries(byte[] input) {
    try {
      ImageQuery query = ImageQuery.parse(new String(input, StandardCharsets.ISO_8859_1));
      if (query instanceof ImageQuery.ByTag tag) {
        assertThat(tag.text()).matches("[0-9a-zA-Z_.-]+/[0-9a-zA-Z_.-]+:[0-9a-zA-Z_.-]+");
      }
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest
  void forms(byte[] input) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    PushBody body =
        new PushBody("multipart/form-data; boundary=b", -1, new ByteArrayInputStream(input));
    try {
      Map<String, String> texts = Form.withFile(body, LIMITS, fields -> file);
      assertThat(texts.size()).isLessThan(LIMITS.fields());
      assertThat(file.size()).isLessThan(input.length);
    } catch (RefusedException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }
}
