package dev.gvmi.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7438, 127.0.0.1:7438",
    "0.0.0.0:0, 0.0.0.0:0",
    "localhost:80, 127.0.0.1:80",
    "[::1]:65535, [0:0:0:0:0:0:0:1]:65535",
  })
  void isAnAddressAndAPort(String text, String canonical) {
    assertThat(HttpAddress.parse(text).map(HttpAddress::text)).contains(canonical);
    assertThat(HttpAddress.parse(canonical)).isEqualTo(HttpAddress.parse(text));
  }

  @Test
  void orNone() {
    assertThat(HttpAddress.parse("none")).isEmpty();
    assertThat(HttpAddress.parse(HttpAddress.DEFAULT)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "7438",
        ":7438",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "example.org:80",
        "::1:7438",
        "[::1]",
        "[]:1",
        "[127.0.0.1:1",
        "127.1.1.1.1:1",
        "NONE",
        "127.0.0.1:1 "
      })
  void andNothingElse(String text) {
    assertThatThrownBy(() -> HttpAddress.checked(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'")
        .message()
        .doesNotContain("\n");
  }
}
