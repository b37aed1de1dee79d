package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CacheNameTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";

  private static List<String> vectors() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            CacheNameTest.class.getResourceAsStream("/vectors/cache-names.tsv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static String nameOf(String taskPackage) {
    return CacheName.of((ImageRef.TaskPackage) ImageRef.parse(taskPackage)).orElse("-");
  }

  private static String nameAt(String url) {
    return nameOf("hash:sha3:" + HEX + ":" + url);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void equalsTheVector(String vector) {
    String[] columns = vector.split("\t", -1);
    assertThat(nameOf(columns[0])).isEqualTo(columns[1]);
  }

  @Test
  void allVectorsAreThere() throws IOException {
    assertThat(vectors()).hasSize(19);
  }

  @Test
  void bareHashHasTheNameOfTheRegistry() {
    assertThat(CacheName.of(ImageId.parseHex(HEX))).isEqualTo(HEX + "_" + HEX);
    assertThat(nameAt("http://registry.golem.network/download/" + HEX))
        .isEqualTo(CacheName.of(ImageId.parseHex(HEX)));
  }

  // stem and extension are split as Rust's file_stem and extension do; "|" stands for _<hash>
  @ParameterizedTest
  @CsvSource({
    "x, x|",
    "x.gvmi, x|.gvmi",
    "x.GVMI, x|.GVMI",
    "foo.tar.gz, foo.tar|.gz",
    ".gvmi, .gvmi|",
    "..gvmi, .|.gvmi",
    "..., ..|.",
    "foo., foo|.",
    "foo.., foo.|.",
    "a%2Eb, a|.b",
    "a%20b.c, a b|.c",
    "a+b.c, a+b|.c",
    "x%3Fy.z, x?y|.z",
    "x%23y.z, x#y|.z",
    "x%25.z, x%|.z",
    "x%.z, x%|.z",
    "x%2, x%2|",
    "x%zz.z, x%zz|.z",
  })
  void splitsAtTheLastDot(String segment, String expected) {
    assertThat(nameAt("http://example.com/dir/" + segment))
        .isEqualTo(expected.replace("|", "_" + HEX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/x.gvmi",
        "https://other.example:8443/deep/er/x.gvmi",
        "HTTP://EXAMPLE.COM/x.gvmi",
        "http://user:p%40ss@example.com/x.gvmi",
        "http://example.com/x.gvmi?y.z",
        "http://example.com/x.gvmi?a/b/c",
        "http://example.com/x.gvmi#y.z",
        "http://example.com/x.gvmi#a/b?c",
        "http://example.com/x.gvmi?a#b\u2028c",
        "http://example.com/x.gvmi/",
        "http://example.com/x.gvmi//",
        "http://example.com/x.gvmi/.",
        "http://example.com/x.gvmi/%2e",
        "http://example.com/x.gvmi/y/..",
        "http://example.com/x.gvmi/y/%2e%2E",
        "http://example.com/x.gvmi/y/.%2e/",
        "http://example.com/../../x.gvmi",
        "http://example.com/a%2Fx.gvmi",
        "http://example.com/a%2fx.gvmi%2f",
        "http://example.com\\a\\x.gvmi",
        "http:\\\\example.com\\x.gvmi",
        "http:example.com/x.gvmi",
        "http:////example.com/x.gvmi",
        "http://example.com/x.\tgv\rmi",
        "http://[::1]:8080/x.gvmi",
        "gftp://0x86a269498fb5270f20bdc6fdcf6039122b0d3b23/x.gvmi",
        "gftp://0x86a269498fb5270f20bdc6fdcf6039122b0d3b23/a/../x.gvmi",
      })
  void onlyTheLastSegmentCounts(String url) {
    assertThat(nameAt(url)).isEqualTo("x_" + HEX + ".gvmi");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com",
        "http://example.com/",
        "http://example.com//",
        "http://example.com/.",
        "http://example.com/..",
        "http://example.com/a/..",
        "http://example.com?x.gvmi",
        "http://example.com?a/x.gvmi",
        "http://example.com#/x.gvmi",
        "http://example.com/%2F",
        "http://example.com/a%2F..",
        "http://example.com/a%2F%2e%2e",
        "http://example.com/%2e%2e%2f%2e%2e",
        "http://example.com/x%00.gvmi",
        "gftp://0x86a269498fb5270f20bdc6fdcf6039122b0d3b23",
        "gftp://0x86a269498fb5270f20bdc6fdcf6039122b0d3b23/",
      })
  void urlWithoutAFileNameHasNone(String url) {
    assertThat(nameAt(url)).isEqualTo("-");
  }

  @Test
  void backslashIsAPartOfTheNameWhereTheSchemeIsNotHttp() {
    assertThat(nameAt("gftp://host/a\\b.c")).isEqualTo("a\\b_" + HEX + ".c");
  }

  @Test
  void otherDigestsGiveLongerNames() {
    String hex = "0f".repeat(64);
    assertThat(nameOf("hash:sha3:" + hex + ":http://example.com/x.gvmi"))
        .isEqualTo("x_" + hex + ".gvmi");
  }
}
