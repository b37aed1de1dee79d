package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms as reqwest writes them, and as nobody should. */
final class FormTest {
  private static final RegistryLimits LIMITS = RegistryLimits.DEFAULT;
  private static final String TYPE = "multipart/form-data; boundary=c0ffee-c0ffee";
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private static byte[] form() throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("chunk-no", "7");
    fields.put("chunk-len", "5");
    return GvmkitClient.encoded(fields, "\r\n--a".getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, String> read(InputStream bytes) throws IOException {
    return Form.withFile(new PushBody(TYPE, -1, bytes), LIMITS, texts -> file);
  }

  @Test
  void readsTextsAndHandsTheFileOn() throws IOException {
    assertThat(read(new ByteArrayInputStream(form())))
        .containsOnly(Map.entry("chunk-no", "7"), Map.entry("chunk-len", "5"));
    assertThat(file.toString(StandardCharsets.UTF_8)).isEqualTo("\r\n--a");
  }

  @Test
  void theFileIsAskedForWithTheTextsBeforeIt() throws IOException {
    Form.withFile(
        new PushBody(TYPE, -1, new ByteArrayInputStream(form())),
        LIMITS,
        texts -> {
          assertThat(texts).hasSize(2);
          return file;
        });
  }

  @Test
  void readsWhatComesByteByByte() throws IOException {
    InputStream slow =
        new FilterInputStream(new ByteArrayInputStream(form())) {
          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(1, length));
          }
        };
    assertThat(read(slow)).hasSize(2);
    assertThat(file.toString(StandardCharsets.UTF_8)).isEqualTo("\r\n--a");
  }

  @Test
  void rejectsWhatIsCutAtEveryIndex() throws IOException {
    byte[] form = form();
    int end = form.length - "\r\n".length(); // what comes behind the end is not looked at
    for (int length = 0; length < end; length++) {
      byte[] cut = Arrays.copyOf(form, length);
      assertThatThrownBy(() -> read(new ByteArrayInputStream(cut)))
          .as("cut at " + length)
          .isInstanceOf(RefusedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=b"
      })
  void rejectsOtherTypes(String type) {
    PushBody body = new PushBody(type, -1, InputStream.nullInputStream());
    assertThatThrownBy(() -> Form.texts(body, LIMITS))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no multipart/form-data");
  }

  private static Map<String, String> texts(Map<String, String> fields, byte[] file)
      throws IOException {
    return Form.texts(
        new PushBody(TYPE, -1, new ByteArrayInputStream(GvmkitClient.encoded(fields, file))),
        LIMITS);
  }

  @Test
  void takesTextsAsLongAsTheLimitSays() throws IOException {
    assertThat(texts(Map.of("a", "x".repeat(LIMITS.fieldBytes())), null)).hasSize(1);
    assertThatThrownBy(() -> texts(Map.of("a", "x".repeat(LIMITS.fieldBytes() + 1)), null))
        .hasMessageContaining("more than 1024 bytes");
  }

  @Test
  void takesAsManyPartsAsTheLimitSays() throws IOException {
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < LIMITS.fields(); i++) {
      many.put("f" + i, "");
    }
    assertThat(texts(many, null)).hasSize(LIMITS.fields());
    many.put("more", "");
    assertThatThrownBy(() -> texts(many, null)).hasMessageContaining("more than 16 parts");
  }

  @Test
  void rejectsAFileWhereThereShouldBeNone() {
    assertThatThrownBy(() -> texts(Map.of(), new byte[1])).hasMessageContaining("needs none");
  }

  @Test
  void rejectsAFormWithoutItsFile() {
    assertThatThrownBy(
            () -> read(new ByteArrayInputStream(GvmkitClient.encoded(Map.of("a", "b"), null))))
        .hasMessageContaining("no part named file");
  }

  @Test
  void aBodyLongerThanItsLimitIsTooLarge() throws IOException {
    PushBody body = new PushBody(TYPE, -1, new ByteArrayInputStream(new byte[11]));
    assertThat(body.atMost(11).bytes().readAllBytes()).hasSize(11);
    assertThatThrownBy(() ->
            new PushBody(TYPE, -1, new ByteArrayInputStream(new byte[12]))
                .atMost(11)
                .bytes()
                .readAllBytes())
        .isInstanceOf(RefusedException.class)
        .extracting(e -> ((RefusedException) e).status())
        .isEqualTo(413);
    assertThatThrownBy(() -> new PushBody(TYPE, 12, InputStream.nullInputStream()).atMost(11))
        .isInstanceOf(RefusedException.class);
  }
}
