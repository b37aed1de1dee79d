package dev.gvmi.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store of a process that is killed in the middle of a fetch. */
@Timeout(120)
final class ImageStoreCrashIT {
  private static final TestImage IMAGE = StoreWriter.image();
  private static final int ROUNDS = 3;
  private static final int SYNCS_PER_ROUND = 4;

  @TempDir private Path data;

  private Process startWriter(long seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            StoreWriter.class.getName(),
            data.toString(),
            Long.toString(seed))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Reads what was synced so often, and kills the process while it goes on. */
  private static BitSet syncedWhenKilled(Process writer) throws Exception {
    BitSet synced = new BitSet();
    try (BufferedReader out = writer.inputReader(StandardCharsets.US_ASCII)) {
      for (int i = 0; i < SYNCS_PER_ROUND; i++) {
        String line = out.readLine();
        assertThat(line).as("output of the writer").isNotNull();
        synced = parse(line);
      }
    } finally {
      kill(writer);
    }
    return synced;
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  private static BitSet parse(String line) {
    BitSet set = new BitSet();
    for (String number : line.substring(1, line.length() - 1).split(", ", -1)) {
      set.set(Integer.parseInt(number));
    }
    return set;
  }

  @Test
  void everyBitAfterAKillStandsForBytesOnDisk() throws Exception {
    BitSet last = new BitSet();
    for (int round = 0; round < ROUNDS; round++) {
      BitSet synced = syncedWhenKilled(startWriter(round));
      try (ImageStore store = RocksImageStore.open(data, InstantSource.system())) {
        PartialImage partial = store.partial(IMAGE.id()).orElseThrow();
        BitSet chunks = partial.chunks();
        assertThat(missing(synced, chunks)).isEqualTo(new BitSet());
        assertThat(missing(last, chunks)).isEqualTo(new BitSet());
        chunks.stream().forEach(chunk -> assertIsTrue(partial, chunk));
        last = chunks;
      }
    }
    assertThat(last.cardinality())
        .isGreaterThanOrEqualTo(ROUNDS * SYNCS_PER_ROUND * StoreWriter.CHUNKS_PER_SYNC);
  }

  private static BitSet missing(BitSet wanted, BitSet here) {
    BitSet missing = (BitSet) wanted.clone();
    missing.andNot(here);
    return missing;
  }

  private static void assertIsTrue(PartialImage partial, int chunk) {
    byte[] bytes = new byte[IMAGE.manifest().geometry().chunkLength(chunk)];
    partial.read(IMAGE.manifest().geometry().chunkOffset(chunk), ByteBuffer.wrap(bytes));
    assertThat(bytes).as("chunk %d", chunk).isEqualTo(IMAGE.chunkBytes(chunk));
  }

  @Test
  void aDirectoryInUseByAnotherProcessIsRefused() throws Exception {
    Process writer = startWriter(1);
    try {
      assertThat(writer.inputReader(StandardCharsets.US_ASCII).readLine()).isNotNull();
      assertThatThrownBy(() -> RocksImageStore.open(data, InstantSource.system()))
          .asInstanceOf(type(StoreException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.IN_USE))
          .satisfies(e -> assertThat(e).hasMessageContaining("pid " + writer.pid()));
    } finally {
      kill(writer);
    }
    RocksImageStore.open(data, InstantSource.system()).close();
  }
}
