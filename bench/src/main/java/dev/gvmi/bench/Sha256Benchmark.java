package dev.gvmi.bench;

import dev.gvmi.protocol.sha256.LaneSha256;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * SHA-256 of sixteen messages, by ours in lanes and by the JDK's. One operation is 1,000,000 bytes:
 * so ops/s are MB/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Sha256Benchmark {
  private static final int MESSAGES = 16;
  private static final int BYTES = 1_000_000;

  private final Sha256 vectors = LaneSha256.candidate().orElseThrow();
  private final Sha256 scalar = new ScalarSha256();
  private final List<ByteBuffer> messages = new ArrayList<>();

  public Sha256Benchmark() {
    for (int i = 0; i < MESSAGES; i++) {
      messages.add(ByteBuffer.allocateDirect(BYTES / MESSAGES));
    }
  }

  /** Ours, as many at once as the machine's vectors have lanes. */
  @Benchmark
  public List<byte[]> lanes() {
    return vectors.digests(messages);
  }

  /** The JDK's, one after the other. */
  @Benchmark
  public List<byte[]> jdk() {
    return scalar.digests(messages);
  }
}
