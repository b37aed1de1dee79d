package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-, 0, 1000",
    "bytes=999-, 999, 1000",
    "bytes=10-19, 10, 20",
    "bytes=10-10, 10, 11",
    "bytes=10-5000, 10, 1000",
    "bytes=-1, 999, 1000",
    "bytes=-5000, 0, 1000",
    "Bytes = 3-4, 3, 5",
    "bytes=0-999999999999999999, 0, 1000",
  })
  void isAPartOfTheBody(String header, long first, long end) {
    assertThat(ByteRange.of(header, 1000)).isEqualTo(new ByteRange.Part(first, end));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=1000-", "bytes=1000-1001", "bytes=-0"})
  void nothingOfItIsThere(String header) {
    assertThat(ByteRange.of(header, 1000)).isEqualTo(new ByteRange.Unsatisfiable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=1",
        "bytes=5-4",
        "bytes=1-2,4-5",
        "lines=1-2",
        "bytes=a-",
        "bytes=1-2 x",
        "bytes=+1-",
        "bytes=0000000000000000001-",
        "bytes=--1"
      })
  void whatIsNotUnderstoodIsIgnored(String header) {
    assertThat(ByteRange.of(header, 1000)).isEqualTo(new ByteRange.Whole());
  }

  @Test
  void withoutAHeaderAllIsAskedFor() {
    assertThat(ByteRange.of(null, 1000)).isEqualTo(new ByteRange.Whole());
    assertThat(ByteRange.of("bytes=-1", 0)).isEqualTo(new ByteRange.Unsatisfiable());
  }
}
