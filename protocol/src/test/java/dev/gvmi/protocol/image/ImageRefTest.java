package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageRefTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final String URL = "http://example.com/x.gvmi";
  private static final ImageId IMAGE = ImageId.parseHex(HEX);

  private static ImageRef.TaskPackage taskPackage(String text) {
    return (ImageRef.TaskPackage) ImageRef.parse(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {HEX, "sha3:" + HEX, " " + HEX + "\n", "SHA3:" + HEX})
  void formsOfAHash(String text) {
    assertThat(ImageRef.parse(text)).isEqualTo(new ImageRef.Hash(IMAGE));
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void hashesOfAllLengthsInEitherCase(DigestAlgorithm algorithm) {
    String hex = "aB".repeat(algorithm.digestBytes());
    ImageId id = ImageId.parseHex(hex);
    assertThat(id.algorithm()).isEqualTo(algorithm);
    assertThat(id.hex()).isEqualTo(hex.toLowerCase(Locale.ROOT));
    assertThat(ImageId.fromMultihash(id.multihash())).isEqualTo(id);
    assertThat(ImageRef.parse(hex)).isEqualTo(new ImageRef.Hash(id));
    assertThat(ImageRef.parse("sha3:" + hex)).isEqualTo(new ImageRef.Hash(id));
    assertThat(taskPackage("hash:sha3:" + hex + ":" + URL).image()).isEqualTo(id);
  }

  // the forms that the exe-unit's expression takes
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hash:sha3:" + HEX + ":" + URL,
        "hash://sha3:" + HEX + ":" + URL,
        "hash:sha3:0x" + HEX + ":" + URL,
        "HASH://sha3:0X" + HEX + ":" + URL,
        "HaSh:sha3:9A3B5D67B0B27746283CB5F287C13EAB1BEAA12D92A9F536B747C7AE:" + URL,
        "  \t hash:sha3:" + HEX + ":" + URL + " \n",
      })
  void formsOfATaskPackage(String text) {
    ImageRef.TaskPackage task = taskPackage(text);
    assertThat(task.image()).isEqualTo(IMAGE);
    assertThat(task.url()).isEqualTo(URL);
    assertThat(task.lastSegment()).contains("x.gvmi");
  }

  // the expression is searched for anywhere: what stands before it does not count
  @ParameterizedTest
  @ValueSource(
      strings = {"xhash:", "task_package=hash:", "hash:hash:", "hash:no:hex:hash:", "a/b hash:"})
  void taskPackageIsFoundBehindOtherText(String start) {
    ImageRef.TaskPackage task = taskPackage(start + "sha3:" + HEX + ":" + URL);
    assertThat(task.image()).isEqualTo(IMAGE);
    assertThat(task.url()).isEqualTo(URL);
  }

  @Test
  void urlOfATaskPackageEndsAtALineFeedOnly() {
    String start = "hash:sha3:" + HEX + ":http://example.com/";
    assertThat(taskPackage(start + "a.gvmi\nb").url()).isEqualTo("http://example.com/a.gvmi");
    assertThat(taskPackage(start + "a\u2028b.gvmi").lastSegment()).contains("a\u2028b.gvmi");
    assertThat(taskPackage(start + "a\rb.gvmi").lastSegment()).contains("ab.gvmi");
  }

  @Test
  void urlOfATaskPackageMayHaveColonsAndAnotherHash() {
    String url = "https://registry.example/v1/download?tag=a/b:latest&hash:sha3:00:x";
    assertThat(taskPackage("hash:sha3:" + HEX + ":" + url).url()).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({
    "golem/alpine:3.18,        golem,          alpine,       3.18",
    "golem/alpine,             golem,          alpine,       latest",
    "golem-examples/blender:2.80, golem-examples, blender,   2.80",
    "golem/hash:1,             golem,          hash,         1",
    "a_b.c/ray-on-golem:x_1.y-z, a_b.c,        ray-on-golem, x_1.y-z",
  })
  void tags(String text, String user, String repository, String tag) {
    assertThat(ImageRef.parse(text)).isEqualTo(new ImageRef.Tag(user, repository, tag));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xa",
        "f0155171c" + HEX,
        "F0155171C9A3B5D67B0B27746283CB5F287C13EAB1BEAA12D92A9F536B747C7AE",
        "k171d2uoafskedazbp02b5t6mwylhqati20d7kbjuuebz9zu0e",
        "z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
      })
  void cids(String text) {
    assertThat(ImageRef.parse(text)).isEqualTo(new ImageRef.Hash(IMAGE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "abc",
        "alpine",
        "alpine:latest",
        "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7a",
        "f" + HEX,
        HEX + "00",
        "0x" + HEX,
        "sha3:",
        "sha3:xyz",
        "sha3:" + HEX + "0",
        "sha3:0x" + HEX,
        "sha3:9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7\ne",
        "sha256:" + HEX,
        "hash:",
        "hash://",
        "hash::",
        "hash:sha3:" + HEX,
        "hash:sha3:" + HEX + ":",
        "hash:sha3:" + HEX + ":\n" + URL,
        "hash:sha3:abc:" + URL,
        "hash:sha3:" + HEX + "0:" + URL,
        "hash:sha3:" + HEX + "00:" + URL,
        "hash:sha3:0x0x" + HEX + ":" + URL,
        "hash:sha256:" + HEX + ":" + URL,
        "hash:SHA3:" + HEX + ":" + URL,
        "hash:sha3-224:" + HEX + ":" + URL,
        "hash:sha3\n:" + HEX + ":" + URL,
        "hash::" + HEX + ":" + URL,
        "golem/alpine:1:2",
        "golem/alpine:",
        "golem//alpine",
        "golem/",
        "/alpine",
        "a/b/c",
        "golem/al pine",
        "golem/al\npine",
        "first\nsecond",
        "red\u001b[31m",
        URL,
        "Qm!",
        "b!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
      })
  void saysInOneLineWhatIsWrong(String text) {
    Throwable thrown = catchThrowable(() -> ImageRef.parse(text));
    assertThat(thrown).isInstanceOf(InvalidImageRefException.class);
    assertThat(thrown.getMessage()).isNotEmpty().doesNotContainPattern("[\\p{Cc}\\u2028\\u2029]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "f", "f01", "sha3:", "hash:", "hash:sha3:", "hash:a:", "b", "z"})
  void refusesAMillionDigits(String start) {
    for (String digits : new String[] {"01".repeat(500_000), "ab:".repeat(300_000)}) {
      assertThatThrownBy(() -> ImageRef.parse(start + digits))
          .isInstanceOf(InvalidImageRefException.class)
          .message()
          .hasSizeLessThan(500);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a/", "sha3:", "hash:", "z", "f", "Qm"})
  void doesNotRepeatALongTextInTheMessage(String start) {
    assertThatThrownBy(() -> ImageRef.parse(start + "\u017c!".repeat(50_000)))
        .isInstanceOf(InvalidImageRefException.class)
        .message()
        .hasSizeLessThan(500);
  }

  @ParameterizedTest
  @CsvSource({
    "hash:md5:00:http://x/y, only sha3",
    "hash:sha3:abc:http://x/y, '56, 64, 96 or 128'",
    "hash:sha3, hash:sha3:<hex>:<url>",
    "a/b/c, user/repo:tag",
    "nothing, user/repo:tag",
  })
  void messageSaysWhatIsExpected(String text, String expected) {
    assertThatThrownBy(() -> ImageRef.parse(text)).hasMessageContaining(expected);
  }
}
