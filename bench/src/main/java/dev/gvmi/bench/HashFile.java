package dev.gvmi.bench;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.OneLaneHasher;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.SegmentSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The full SHA3-224 of a file, reading included: in order, as a first import does it, and by
 * segments, as a fetch does it.
 *
 * <pre>
 *   HashFile FILE RUNS
 * </pre>
 *
 * {@code bench/keccak.sh} runs it beside {@code openssl dgst}. Prints the median of the runs, after
 * one that is not counted.
 */
public final class HashFile {
  private static final int BUFFER_BYTES = 1 << 20;

  private HashFile() {}

  public static void main(String[] args) throws Exception {
    int runs = Integer.parseInt(args[1]);
    SegmentHasher scalar = new ScalarSegmentHasher();
    SegmentHasher alone = OneLaneHasher.candidate().<SegmentHasher>map(one -> one).orElse(scalar);
    SegmentHasher lanes =
        LaneSegmentHasher.candidate().<SegmentHasher>map(all -> all).orElse(scalar);
    try (FileChannel file = FileChannel.open(Path.of(args[0]));
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      SegmentSource source = (offset, target) -> readFully(file, offset, target);
      long size = file.size();
      Manifest manifest = inOrder(source, size, scalar);
      print("in order, plain Java", size, runs, () -> inOrder(source, size, scalar));
      print("in order, one lane", size, runs, () -> inOrder(source, size, alone));
      for (int count = 1; count <= 2; count++) {
        int used = count;
        print(
            "by segments in " + lanes.lanes() + " lanes, threads: " + used,
            size,
            runs,
            () -> bySegments(manifest, source, lanes, threads, used));
      }
      System.out.println("SHA3-224: " + manifest.image().hex());
    }
  }

  private static void print(String what, long bytes, int runs, Callable<Manifest> work)
      throws Exception {
    double[] seconds = new double[runs];
    work.call();
    for (int run = 0; run < runs; run++) {
      long begin = System.nanoTime();
      work.call();
      seconds[run] = (System.nanoTime() - begin) / 1e9;
    }
    Arrays.sort(seconds);
    double median = seconds[runs / 2];
    System.out.printf(Locale.ROOT, "%s: %.3f s, %.0f MB/s%n", what, median, bytes / median / 1e6);
  }

  private static Manifest inOrder(SegmentSource source, long size, SegmentHasher hasher)
      throws IOException {
    ManifestBuilder builder = new ManifestBuilder(DigestAlgorithm.SHA3_224, size, hasher);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    for (long at = 0; at < size; at += buffer.limit()) {
      source.read(at, buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - at)));
      builder.update(buffer.flip());
    }
    return builder.finish();
  }

  private static Manifest bySegments(
      Manifest manifest,
      SegmentSource source,
      SegmentHasher hasher,
      ExecutorService threads,
      int used)
      throws Exception {
    ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
    AtomicInteger next = new AtomicInteger();
    int segments = manifest.geometry().segmentCount();
    List<Future<?>> parts = new ArrayList<>();
    for (int i = 0; i < used; i++) {
      parts.add(
          threads.submit(() -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            int first;
            while ((first = next.getAndAdd(hasher.lanes())) < segments) {
              BitSet some = new BitSet();
              some.set(first, Math.min(first + hasher.lanes(), segments));
              verifier.verifySegments(some, source, buffer);
            }
            return null;
          }));
    }
    for (Future<?> part : parts) {
      part.get();
    }
    return verifier.result().orElseThrow().manifest();
  }

  private static void readFully(FileChannel file, long offset, ByteBuffer target)
      throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int count = file.read(target, at);
      if (count < 0) {
        throw new EOFException("the file ends at " + at);
      }
      at += count;
    }
  }
}
