package dev.gvmi.node.store;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A process to be killed: writes the missing chunks of an image in any order, and says on its
 * output which ones were there after each sync.
 */
final class StoreWriter {
  static final int CHUNKS_PER_SYNC = 5;

  private StoreWriter() {}

  static TestImage image() {
    return TestImage.random((32 << 20) + 12_345, 7);
  }

  /** Arguments: the data directory, and the seed of the order. */
  public static void main(String[] args) throws IOException {
    try (PrintStream out =
            new PrintStream(
                new FileOutputStream(FileDescriptor.out), true, StandardCharsets.US_ASCII);
        ImageStore store = RocksImageStore.open(Path.of(args[0]), InstantSource.system())) {
      write(store, Long.parseLong(args[1]), out);
      int ignored = System.in.read(); // Holds the directory until it is killed, or its parent ends.
    }
  }

  private static void write(ImageStore store, long seed, PrintStream out) {
    TestImage image = image();
    PartialImage partial = store.openPartial(image.manifest());
    List<Integer> missing =
        IntStream.range(0, image.chunkCount())
            .filter(chunk -> !partial.chunks().get(chunk))
            .boxed()
            .collect(Collectors.toList());
    Collections.shuffle(missing, new Random(seed));
    int written = 0;
    for (int chunk : missing) {
      partial.write(image.chunk(chunk));
      written++;
      if (written % CHUNKS_PER_SYNC == 0) {
        partial.sync();
        out.println(partial.chunks());
      }
    }
  }
}
