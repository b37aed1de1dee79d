package dev.gvmi.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanFormatTest {
  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "999,999 B",
    "1000,1.00 kB",
    "9990,9.99 kB",
    "9999,10.0 kB",
    "99960,100 kB",
    "999600,1.00 MB",
    "1073741824,1.07 GB",
    "9223372036854775807,9.22 EB"
  })
  void threeDigits(long bytes, String text) {
    assertThat(HumanFormat.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"5,0.01 s", "1500,1.50 s", "59900,59.9 s", "61000,1 min 01 s", "3720000,1 h 02 min"})
  void times(long millis, String text) {
    assertThat(HumanFormat.seconds(millis)).isEqualTo(text);
  }
}
