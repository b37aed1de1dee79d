package dev.gvmi.node.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.charset.StandardCharsets;

/** What comes from a registry, and where servers redirect to: read, or refused with a reason. */
final class RegistryAnswerFuzzTest {
  @FuzzTest
  void answers(byte[] input) {
    try {
      RegistryAnswer answer = RegistryAnswer.parse(input);
      assertThat(answer.url().uri().getScheme()).isIn("http", "https");
      assertThat(answer.sizeBytes()).isBetween(-1L, Geometry.MAX_SIZE_BYTES);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest
  void urls(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      OriginUrl url = OriginUrl.parse(text);
      assertThat(url.uri().getScheme()).isIn("http", "https");
      assertThat(OriginUrl.parse(url.uri().toString()).uri()).isEqualTo(url.uri());
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    try {
      OriginUrl next = OriginUrl.parse("http://me@host.example/a/b").redirect(text);
      assertThat(next.uri().getScheme()).isIn("http", "https");
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }
}
