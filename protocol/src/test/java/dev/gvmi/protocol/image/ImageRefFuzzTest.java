package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ImageRefFuzzTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final List<String> CIDS =
      List.of(
          "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xa",
          "f0155171c" + HEX,
          "k171d2uoafskedazbp02b5t6mwylhqati20d7kbjuuebz9zu0e",
          "z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
          "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n");
  private static final List<String> REFS =
      List.of(
          HEX,
          "sha3:" + HEX,
          "hash:sha3:" + HEX + ":http://example.com/a/../%2E%2e/x.gvmi?y#z",
          "HASH://sha3:0x" + HEX + ":gftp://host/a%2Fb%00.\u017c",
          "golem/alpine:3");

  private static List<byte[]> bytes(List<String> texts) {
    return texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static <T> T inOneLine(Supplier<T> parse) {
    try {
      return parse.get();
    } catch (InvalidImageRefException e) {
      assertThat(e.getMessage())
          .isNotEmpty()
          .hasSizeLessThan(500)
          .doesNotContainPattern("[\\p{Cc}\\u2028\\u2029]");
      throw e;
    }
  }

  /** The name of a file in a folder; its own name when it is all escaped in a URL. */
  private static void checkName(String name) {
    assertThat(name).isNotEmpty().doesNotContain("/", "\0").isNotIn(".", "..");
    StringBuilder escaped = new StringBuilder("https://host/");
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      escaped.append(String.format("%%%02X", b));
    }
    assertThat(UrlPath.lastSegment(escaped.toString())).contains(name);
  }

  private static ImageRef parse(byte[] input) {
    return inOneLine(() -> ImageRef.parse(new String(input, StandardCharsets.UTF_8)));
  }

  private static void check(byte[] input, ImageRef ref) {
    check(new String(input, StandardCharsets.UTF_8), ref);
  }

  private static void check(String text, ImageRef ref) {
    switch (ref) {
      case ImageRef.Hash hash -> assertThat(ImageRef.parse(hash.image().hex())).isEqualTo(hash);
      case ImageRef.TaskPackage task -> {
        assertThat(text).contains(task.url());
        task.lastSegment().ifPresent(ImageRefFuzzTest::checkName);
        CacheName.of(task)
            .ifPresent(name ->
                assertThat(name).contains("_" + task.image().hex()).doesNotContain("/", "\0"));
      }
      case ImageRef.Tag tag ->
          assertThat(tag.user() + tag.repository() + tag.tag()).doesNotContain("/", ":", " ");
    }
  }

  @Test
  void mutatedReferencesAreReadOrRefused() {
    List<byte[]> samples = Stream.of(REFS, CIDS).flatMap(texts -> bytes(texts).stream()).toList();
    Fuzz.run(
        samples, InvalidImageRefException.class, ImageRefFuzzTest::parse, ImageRefFuzzTest::check);
  }

  @Test
  void randomCharactersAreReadOrRefused() {
    Fuzz.run(
        bytes(REFS),
        InvalidImageRefException.class,
        input -> inOneLine(() -> ImageRef.parse(new String(input, StandardCharsets.UTF_16))),
        (input, ref) -> check(new String(input, StandardCharsets.UTF_16), ref));
  }

  private static ImageId parseCid(byte[] input) {
    return inOneLine(() -> CidText.imageOf(new String(input, StandardCharsets.UTF_8)));
  }

  /** There is one text of an image in each base, but for the case of its letters. */
  private static void checkCid(byte[] input, ImageId image) {
    String text = new String(input, StandardCharsets.UTF_8);
    assertThat(image.digest()).hasSize(image.algorithm().digestBytes());
    assertThat(text).matches("\\p{ASCII}*");
    String hex = "0155" + HexFormat.of().formatHex(image.multihash());
    assertThat(CidTextTest.textsOf(hex))
        .anyMatch(text.startsWith("z") ? text::equals : text::equalsIgnoreCase);
  }

  @Test
  void mutatedCidsAreReadOrRefused() {
    Fuzz.run(
        bytes(CIDS),
        InvalidImageRefException.class,
        ImageRefFuzzTest::parseCid,
        ImageRefFuzzTest::checkCid);
  }

  @FuzzTest
  void references(byte[] input) {
    Fuzz.input(
        input, InvalidImageRefException.class, ImageRefFuzzTest::parse, ImageRefFuzzTest::check);
  }

  @FuzzTest
  void cids(byte[] input) {
    Fuzz.input(
        input,
        InvalidImageRefException.class,
        ImageRefFuzzTest::parseCid,
        ImageRefFuzzTest::checkCid);
  }

  @FuzzTest
  void urls(byte[] input) {
    Fuzz.input(
        input,
        InvalidImageRefException.class,
        bytes -> UrlPath.lastSegment(new String(bytes, StandardCharsets.UTF_8)),
        (bytes, name) -> name.ifPresent(ImageRefFuzzTest::checkName));
  }
}
