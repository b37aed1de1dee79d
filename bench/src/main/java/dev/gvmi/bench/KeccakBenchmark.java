package dev.gvmi.bench;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.OneLaneHasher;
import dev.gvmi.protocol.sha3.Piece;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * SHA-3 of about 1 MiB, by ours, in one piece and in several at once, and by the JDK's. One
 * operation is 1,000,000 bytes or a little more: so ops/s are MB/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KeccakBenchmark {
  private static final int BYTES = 1_000_000;

  @Param({"SHA3_224", "SHA3_256", "SHA3_384", "SHA3_512"})
  public String digest = "";

  private final SegmentHasher hasher = new ScalarSegmentHasher();
  private final SegmentHasher vectors = LaneSegmentHasher.candidate().orElseThrow();
  private final SegmentHasher oneLane =
      OneLaneHasher.candidate().<SegmentHasher>map(one -> one).orElse(hasher);
  private final List<long[]> states = new ArrayList<>();
  private final long[] state = new long[25];
  private DigestAlgorithm algorithm = DigestAlgorithm.SHA3_224;
  private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

  /** Makes the input. */
  @Setup
  public void setUp() {
    algorithm = DigestAlgorithm.valueOf(digest);
    int blocks = (BYTES + algorithm.rateBytes() - 1) / algorithm.rateBytes();
    bytes = ByteBuffer.allocateDirect(blocks * algorithm.rateBytes());
    for (int lane = 0; lane < vectors.lanes(); lane++) {
      states.add(new long[25]);
    }
  }

  /** Ours. */
  @Benchmark
  public long[] ours() {
    hasher.absorb(state, algorithm, bytes.rewind());
    return state;
  }

  /** Ours, in one lane of vectors where that is a candidate; else the same as {@link #ours}. */
  @Benchmark
  public long[] oneLane() {
    oneLane.absorbAll(algorithm, List.of(new Piece(state, bytes.rewind())));
    return state;
  }

  /** Ours, as many pieces at once as the machine's vectors have lanes. */
  @Benchmark
  public List<long[]> lanes() {
    int lanes = states.size();
    int blocks = (BYTES / lanes + algorithm.rateBytes() - 1) / algorithm.rateBytes();
    List<Piece> pieces = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      int length = Math.min(blocks * algorithm.rateBytes(), bytes.capacity());
      int from = Math.min(lane * length, bytes.capacity() - length);
      pieces.add(new Piece(states.get(lane), bytes.slice(from, length)));
    }
    vectors.absorbAll(algorithm, pieces);
    return states;
  }

  /** The JDK's. */
  @Benchmark
  public byte[] jdk() throws GeneralSecurityException {
    MessageDigest jdk =
        MessageDigest.getInstance(digest.toUpperCase(Locale.ROOT).replace('_', '-'));
    jdk.update(bytes.rewind());
    return jdk.digest();
  }
}
