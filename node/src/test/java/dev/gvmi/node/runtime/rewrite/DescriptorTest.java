package dev.gvmi.node.runtime.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorTest {
  private static final String SHIPPED =
      """
      [
        {
          "name": "vm",
          "version": "0.5.2",
          "supervisor-path": "exe-unit",
          "runtime-path": "ya-runtime-vm/ya-runtime-vm",
          "description": "vm runtime",
          "extra-args": ["--cap-handoff"],
          "properties": {"supervisor-path": "exe-unit", "x": 1.0}
        }
      ]
      """;

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void changesTheSupervisorAndNotOneOtherByte() throws Exception {
    Descriptor shipped = Descriptor.parse(utf8(SHIPPED)).orElseThrow();
    assertThat(shipped.supervisor()).isEqualTo("exe-unit");
    assertThat(new String(shipped.withSupervisor("a \"b\""), StandardCharsets.UTF_8))
        .isEqualTo(
            SHIPPED.replaceFirst(
                "\"supervisor-path\": \"exe-unit\"", "\"supervisor-path\": \"a \\\\\"b\\\\\"\""));
  }

  @Test
  void changesAllRuntimesForImagesAndNoOther() throws Exception {
    String three =
        "[{\"name\":\"vm\",\"supervisor-path\":\"u\"},{\"name\":\"wasmtime\",\"supervisor-path\":\"u\"},{\"supervisor-path\":\"u\",\"name\":\"vm-nvidia\"}]";
    assertThat(
            new String(
                Descriptor.parse(utf8(three)).orElseThrow().withSupervisor("longer"),
                StandardCharsets.UTF_8))
        .isEqualTo(
            "[{\"name\":\"vm\",\"supervisor-path\":\"longer\"},{\"name\":\"wasmtime\",\"supervisor-path\":\"u\"},{\"supervisor-path\":\"longer\",\"name\":\"vm-nvidia\"}]");
  }

  @Test
  void isNoneWithoutARuntimeForImages() throws Exception {
    assertThat(
            Descriptor.parse(
                utf8("[{\"name\":\"wasmtime\",\"supervisor-path\":\"u\"},{\"name\":\"vmx\"}]")))
        .isEmpty();
    assertThat(Descriptor.parse(utf8("[]"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "[",
        "[{\"name\":\"vm\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":1}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"a\\u0000\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"a\",\"supervisor-path\":\"a\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"a\"},{\"name\":\"vm-x\",\"supervisor-path\":\"b\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"a\"}] []"
      })
  void refusesOddOnesInOneLine(String text) {
    assertThatThrownBy(() -> Descriptor.parse(utf8(text)))
        .isInstanceOf(InvalidDocumentException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n");
  }

  @Test
  void refusesOneOverTheLimitAndOtherEncodings() throws Exception {
    byte[] padded = Arrays.copyOf(utf8(SHIPPED), Descriptor.MAX_DESCRIPTOR_BYTES);
    Arrays.fill(padded, utf8(SHIPPED).length, padded.length, (byte) '\n');
    assertThat(Descriptor.parse(padded)).isPresent();
    assertThatThrownBy(() -> Descriptor.parse(Arrays.copyOf(padded, padded.length + 1)))
        .hasMessageContaining("more than");
    assertThatThrownBy(() -> Descriptor.parse(SHIPPED.getBytes(StandardCharsets.UTF_16BE)))
        .isInstanceOf(InvalidDocumentException.class);
  }
}
