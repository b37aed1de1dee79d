package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.OneLaneHasher;
import dev.gvmi.protocol.sha3.Piece;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FastestHasherTest {
  private static final long MUCH = 32 << 20;
  private static final int RATE = DigestAlgorithm.SHA3_224.rateBytes();

  private final List<Runnable> aside = new ArrayList<>();
  private long now;

  /** Its hashing is right; of each byte the clock says that it took so long. */
  private final class Paced implements SegmentHasher {
    private final SegmentHasher scalar = new ScalarSegmentHasher();
    private final int lanes;
    private final long nanosPerByte;

    Paced(int lanes, long nanosPerByte) {
      this.lanes = lanes;
      this.nanosPerByte = nanosPerByte;
    }

    @Override
    public int lanes() {
      return lanes;
    }

    @Override
    public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
      now += nanosPerByte * blocks.remaining();
      scalar.absorb(state, algorithm, blocks);
    }

    @Override
    public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
      return scalar.finish(state, algorithm, tail);
    }
  }

  private FastestHasher fastest(SegmentHasher scalar, SegmentHasher together) {
    return fastest(scalar, together, new Paced(1, 1));
  }

  private FastestHasher fastest(SegmentHasher scalar, SegmentHasher together, SegmentHasher alone) {
    return new FastestHasher(
        scalar,
        () -> Optional.of(together),
        () -> Optional.of(alone),
        new Fastest.Measuring(aside::add, () -> now, MUCH));
  }

  private static void hash(SegmentHasher hasher, long bytes) {
    int length = 1 << 20;
    ByteBuffer zeros = ByteBuffer.allocate(length - length % RATE);
    for (long done = 0; done < bytes; done += zeros.capacity()) {
      hasher.absorbAll(
          DigestAlgorithm.SHA3_224, List.of(new Piece(new long[25], zeros.duplicate())));
    }
  }

  private static void hashAlone(SegmentHasher hasher, long bytes) {
    ByteBuffer zeros = ByteBuffer.allocate(RATE * 1000);
    for (long done = 0; done < bytes; done += zeros.capacity()) {
      hasher.absorb(new long[25], DigestAlgorithm.SHA3_224, zeros.rewind());
    }
  }

  @Test
  void measuresOnceAndOnlyWhenMuchIsHashed() {
    FastestHasher hasher = fastest(new Paced(1, 40), new Paced(4, 10));
    hash(hasher, MUCH - (1 << 20));
    assertThat(aside).isEmpty();
    hash(hasher, 2 << 20);
    hash(hasher, MUCH);
    assertThat(aside).hasSize(1);
    assertThat(hasher.lanes()).isEqualTo(1);
  }

  @Test
  void measuresAheadAndThenNoMore() {
    FastestHasher hasher = fastest(new Paced(1, 40), new Paced(4, 10));
    hasher.measureAside();
    hash(hasher, 2 * MUCH);
    hasher.measureAside();
    assertThat(aside).hasSize(1);
    aside.getFirst().run();
    assertThat(hasher.lanes()).isEqualTo(4);
  }

  @Test
  void onePieceAloneIsMeasuredWhenMuchIsHashedAlone() {
    FastestHasher hasher = fastest(new Paced(1, 400), new Paced(8, 200), new Paced(1, 300));
    hasher.measureAside();
    assertThat(aside).hasSize(1);
    hashAlone(hasher, MUCH - (1 << 20));
    assertThat(aside).hasSize(1);
    hashAlone(hasher, 2 << 20);
    hashAlone(hasher, MUCH);
    assertThat(aside).hasSize(2);
    aside.forEach(Runnable::run);
    assertThat(hasher.lanes()).isEqualTo(8);
    long before = now;
    hasher.absorb(new long[25], DigestAlgorithm.SHA3_224, ByteBuffer.allocate(RATE));
    assertThat(now - before).isEqualTo(300 * RATE);
    List<Piece> pieces = List.of(new Piece(new long[25], ByteBuffer.allocate(RATE)));
    before = now;
    hasher.absorbAll(DigestAlgorithm.SHA3_224, pieces);
    assertThat(now - before).isEqualTo(200 * RATE);
  }

  @Test
  void staysWithPlainJavaWhereVectorsAreSlow() {
    FastestHasher hasher = fastest(new Paced(1, 20_000_000), new Paced(4, 40_000_000));
    hash(hasher, MUCH);
    aside.forEach(Runnable::run);
    assertThat(hasher.lanes()).isEqualTo(1);
  }

  @Test
  void givesTheSameStatesWhateverItTakes() {
    SegmentHasher scalar = new ScalarSegmentHasher();
    FastestHasher hasher =
        new FastestHasher(
            scalar,
            LaneSegmentHasher::candidate,
            OneLaneHasher::candidate,
            new Fastest.Measuring(Runnable::run, System::nanoTime, MUCH));
    hash(hasher, MUCH);
    Random random = new Random(5);
    List<Piece> pieces = new ArrayList<>();
    List<long[]> expected = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      byte[] bytes = new byte[RATE * (1 + random.nextInt(20))];
      random.nextBytes(bytes);
      pieces.add(new Piece(new long[25], ByteBuffer.wrap(bytes)));
      long[] state = new long[25];
      scalar.absorb(state, DigestAlgorithm.SHA3_224, ByteBuffer.wrap(bytes));
      expected.add(state);
    }
    hasher.absorbAll(DigestAlgorithm.SHA3_224, pieces);
    assertThat(pieces).extracting(Piece::state).containsExactlyElementsOf(expected);
  }
}
