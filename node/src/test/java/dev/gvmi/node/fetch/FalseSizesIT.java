package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.cache.CacheKeeper;
import dev.gvmi.node.cache.rules.CacheItem;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Manifests of sizes that are not those of the image, against a quota. */
@Timeout(120)
final class FalseSizesIT {
  private static final int MIB = 1 << 20;
  private static final TestImage IMAGE = TestImage.random(MIB, 8);
  private static final List<TestImage> OTHERS =
      List.of(TestImage.random(MIB, 1), TestImage.random(MIB, 2), TestImage.random(MIB, 3));

  @TempDir Path folder;
  private TestSwarm swarm;

  @BeforeEach
  void begin() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void end() throws Exception {
    swarm.end();
  }

  /** Of 4 MiB, 3 are taken. */
  private static CacheKeeper keeper(ImageStore store) {
    return new CacheKeeper(
        new Quota(4L * MIB),
        new CacheKeeper.Contents() {
          @Override
          public List<CacheItem> items() {
            return store.footprints().stream()
                .map(held ->
                    new CacheItem(
                        held.image(),
                        held.bytes(),
                        held.complete(),
                        held.pinned(),
                        held.leased(),
                        false,
                        held.lastUsed()))
                .toList();
          }

          @Override
          public long freeBytes() {
            return 1L << 40;
          }
        },
        new CacheKeeper.Evictor() {
          @Override
          public Optional<String> use(ImageId image) {
            return Optional.empty();
          }

          @Override
          public boolean evict(ImageId image) {
            return store.evict(image, () -> {});
          }
        });
  }

  private Fetcher fetcher() throws IOException {
    Fetcher fetcher = swarm.fetcher(FalseSizesIT::keeper);
    for (TestImage other : OTHERS) {
      ImageStore store = fetcher.store();
      store.adopt(Files.write(store.newImportFile(), other.bytes()), other.proof());
    }
    return fetcher;
  }

  @Test
  void aFalseManifestWithAHugeSizeEvictsNothing() throws Exception {
    for (long size : new long[] {2L * MIB, 1L << 35}) {
      FakePeer liar = swarm.liar("127.2.0.1", Lie.huge(IMAGE, size));
      Fetcher fetcher = fetcher();
      fetcher.connect(liar);

      assertThatThrownBy(() -> fetcher.prefetch(IMAGE.id()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is said to have " + size)
          .hasMessageContaining("nothing is evicted");

      assertThat(fetcher.store().images()).hasSize(OTHERS.size());
      assertThat(liar.sentBytes()).isZero();
    }
  }

  @Test
  void theSizeThatATrustedPeerNamesEvicts() throws Exception {
    FakePeer liar = swarm.liar("127.2.0.1", Lie.huge(IMAGE, 1L << 35));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = fetcher();
    fetcher.connect(liar);

    assertThat(fetcher.prefetch(IMAGE.id(), honest)).isInstanceOf(FetchOutcome.Complete.class);

    assertThat(fetcher.store().images()).hasSize(3).anyMatch(held -> held.id().equals(IMAGE.id()));
  }

  @Test
  void theSizeThatThreeGroupsNameEvicts() throws Exception {
    Fetcher fetcher = fetcher();
    fetcher.connect(swarm.honest("127.1.0.1", IMAGE), swarm.honest("127.1.1.1", IMAGE));
    assertThatThrownBy(() -> fetcher.prefetch(IMAGE.id()))
        .hasMessageContaining("nothing is evicted");
    assertThat(fetcher.store().images()).hasSize(OTHERS.size());

    fetcher.connect(swarm.honest("127.1.2.1", IMAGE));
    assertThat(fetcher.prefetch(IMAGE.id())).isInstanceOf(FetchOutcome.Complete.class);
  }
}
