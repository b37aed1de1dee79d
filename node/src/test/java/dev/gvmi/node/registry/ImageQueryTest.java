package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gvmi.protocol.image.ImageId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries as each client of the registry writes them. */
final class ImageQueryTest {
  private static final String HASH = "529f7fdaf1cf46ce3126eb6bbcd3b213c314fe8fe884914f5d1106d4";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tag=golem%2Fnode%3A20-alpine&count=true", // yapapi
        "count=true&tag=golem/node:20-alpine", // golem-js
        "dev=true&tag=golem/node:20-alpine", // golem-js in development
        "&tag=golem/node:20-alpine", // golem-sdk-cli
        "tag=golem%2Fnode%3A20-alpine&count=false", // ray-on-golem
        "tag=golem%2fnode:20-alpine&https=true&&x", // by hand
      })
  void readsTags(String query) {
    assertThat(((ImageQuery.ByTag) ImageQuery.parse(query)).text())
        .isEqualTo("golem/node:20-alpine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hash=" + HASH + "&dev=true", // yapapi
        "dev=true&hash=" + HASH, // golem-js
        "count=true&hash=529F7FDAF1CF46CE3126EB6BBCD3B213C314FE8FE884914F5D1106D4"
      })
  void readsHashes(String query) {
    assertThat(ImageQuery.parse(query)).isEqualTo(new ImageQuery.ByHash(ImageId.parseHex(HASH)));
  }

  @Test
  void aTagWithoutAVersionIsTheLatest() {
    assertThat(((ImageQuery.ByTag) ImageQuery.parse("tag=golem/node")).text())
        .isEqualTo("golem/node:latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&",
        "count=true",
        "tag=a/b:c&hash=" + HASH,
        "tag=a/b:c&tag=a/b:c",
        "tag=",
        "tag",
        "tag=a",
        "tag=a/b/c:d",
        "tag=a/b:c:d",
        "tag=a/b:%0d%0a",
        "tag=../..:x/y",
        "tag=hash:sha3:" + HASH + ":http://a/b",
        "hash=",
        "hash=529f",
        "hash=zz9f7fdaf1cf46ce3126eb6bbcd3b213c314fe8fe884914f5d1106d4",
        "tag=%zz",
        "Tag=a/b:c"
      })
  void rejectsWhatNamesNoImageOrMoreThanOne(String query) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageQuery.parse(query))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "\r"));
  }
}
