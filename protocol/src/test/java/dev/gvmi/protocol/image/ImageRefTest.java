package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageRefTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";

  private static Stream<String> cacheNames() throws Exception {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    ImageRefTest.class.getResourceAsStream("/vectors/cache-names.tsv")),
                StandardCharsets.UTF_8))) {
      return lines.lines().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cacheNames")
  void theNameUnderWhichTheRuntimeLooks(String vector) {
    String[] columns = vector.split("\t", -1);
    ImageRef.TaskPackage task = (ImageRef.TaskPackage) ImageRef.parse(columns[0]);
    assertThat(CacheName.of(task).orElse("-")).isEqualTo(columns[1]);
  }

  @Test
  void aBareHashHasTheNameOfTheRegistry() {
    assertThat(CacheName.of(ImageId.parseHex(HEX))).isEqualTo(HEX + "_" + HEX);
  }

  @ParameterizedTest
  @ValueSource(strings = {HEX, "sha3:" + HEX, " " + HEX + "\n", "SHA3:" + HEX})
  void formsOfAHash(String text) {
    assertThat(ImageRef.parse(text)).isEqualTo(new ImageRef.Hash(ImageId.parseHex(HEX)));
  }

  @Test
  void digestsOfAllLengths() {
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      String hex = "ab".repeat(algorithm.digestBytes());
      ImageId id = ImageId.parseHex(hex);
      assertThat(id.algorithm()).isEqualTo(algorithm);
      assertThat(id.hex()).isEqualTo(hex);
      assertThat(ImageId.fromMultihash(id.multihash())).isEqualTo(id);
    }
  }

  @Test
  void tags() {
    assertThat(ImageRef.parse("golem/alpine:3.18"))
        .isEqualTo(new ImageRef.Tag("golem", "alpine", "3.18"));
    assertThat(ImageRef.parse("golem/alpine"))
        .isEqualTo(new ImageRef.Tag("golem", "alpine", "latest"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7a",
        "sha3:xyz",
        "hash:sha3:abc:http://example.com/x.gvmi",
        "hash:sha3:" + HEX,
        "hash:sha256:" + HEX + ":http://example.com/x.gvmi",
        "hash::" + HEX + ":http://example.com/x",
        "golem/alpine:1:2",
        "golem//alpine",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "b!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"
      })
  void saysInOneLineWhatIsWrong(String text) {
    assertThatThrownBy(() -> ImageRef.parse(text))
        .isInstanceOf(InvalidImageRefException.class)
        .message()
        .isNotEmpty()
        .doesNotContain("\n");
  }

  @Test
  void inputsThatAreNearlyRightAreRefusedInOneWay() {
    List<String> seeds =
        List.of(
            HEX,
            "sha3:" + HEX,
            "hash:sha3:" + HEX + ":http://example.com/a/../%2E%2e/x.gvmi?y#z",
            "golem/alpine:3",
            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
      for (int change = random.nextInt(5); change >= 0; change--) {
        int at = random.nextInt(text.length());
        text.setCharAt(at, (char) (random.nextInt(10) == 0 ? random.nextInt(65536) : random.nextInt(128)));
      }
      try {
        if (ImageRef.parse(text.toString()) instanceof ImageRef.TaskPackage task) {
          CacheName.of(task).ifPresent(name -> assertThat(name).doesNotContain("/"));
        }
      } catch (InvalidImageRefException e) {
        assertThat(e.getMessage()).as(text.toString()).isNotEmpty();
      }
    }
  }
}
