package dev.gvmi.protocol.sha256;

import dev.gvmi.protocol.vector.Vectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Messages in the lanes of vectors: when one ends, the next takes its lane.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Source:</b> FIPS 180-4, sections 5.1.1 (padding) and 5.3.3 (the first state).
 */
public final class LaneSha256 implements Sha256 {
  private static final int BLOCK_BYTES = LaneCompression.BLOCK_BYTES;
  private static final ValueLayout.OfLong BITS =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int[] FIRST = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  };

  private final LaneCompression compression;
  private final int lanes;

  private LaneSha256(LaneCompression compression) {
    this.compression = compression;
    this.lanes = compression.lanes();
  }

  /**
   * The one that this machine may be fastest with for many messages; none where Java has no
   * vectors. Whether it is, is to be measured.
   */
  public static Optional<LaneSha256> candidate() {
    return Vectors.areThere() ? Optional.of(of(Vectors.preferredBits())) : Optional.empty();
  }

  /** With vectors of so many bits. */
  static LaneSha256 of(int bits) {
    return new LaneSha256(
        (LaneCompression) Vectors.copy(MethodHandles.lookup(), VectorCompression.class, bits));
  }

  @Override
  public int lanes() {
    return lanes;
  }

  @Override
  public List<byte[]> digests(List<ByteBuffer> messages) {
    try (Arena arena = Arena.ofConfined()) {
      List<Message> all =
          messages.stream()
              .map(bytes -> new Message(MemorySegment.ofBuffer(bytes), arena))
              .toList();
      compress(all);
      return all.stream().map(Message::digest).toList();
    }
  }

  private void compress(List<Message> messages) {
    int[] states = new int[FIRST.length * lanes];
    MemorySegment[] blocks = new MemorySegment[lanes];
    List<Message> inLanes = new ArrayList<>();
    int next = 0;
    while (next < messages.size() || !inLanes.isEmpty()) {
      while (inLanes.size() < lanes && next < messages.size()) {
        inLanes.add(messages.get(next));
        next++;
      }
      long bytes = inLanes.stream().mapToLong(Message::blockBytes).min().orElseThrow();
      for (int lane = 0; lane < lanes; lane++) {
        boolean used = lane < inLanes.size();
        blocks[lane] = used ? inLanes.get(lane).take(bytes) : blocks[0];
        spread(inLanes.get(used ? lane : 0).state, states, lane);
      }
      compression.compress(states, blocks, bytes);
      for (int lane = 0; lane < inLanes.size(); lane++) {
        gather(states, lane, inLanes.get(lane).state);
      }
      inLanes.removeIf(Message::isOver);
    }
  }

  private void spread(int[] state, int[] states, int lane) {
    for (int i = 0; i < state.length; i++) {
      states[i * lanes + lane] = state[i];
    }
  }

  private void gather(int[] states, int lane, int[] state) {
    for (int i = 0; i < state.length; i++) {
      state[i] = states[i * lanes + lane];
    }
  }

  /** Its whole blocks where they are, then what is left of it, padded. */
  private static final class Message {
    private final int[] state = FIRST.clone();
    private final MemorySegment end;
    private MemorySegment blocks;
    private boolean isAtEnd;

    Message(MemorySegment bytes, Arena arena) {
      long whole = bytes.byteSize() / BLOCK_BYTES * BLOCK_BYTES;
      long left = bytes.byteSize() - whole;
      boolean fits = left + 1 + Long.BYTES <= BLOCK_BYTES;
      this.end = arena.allocate(fits ? BLOCK_BYTES : 2 * BLOCK_BYTES); // of zeros
      end.copyFrom(bytes.asSlice(whole));
      end.set(ValueLayout.JAVA_BYTE, left, (byte) 0x80);
      end.set(BITS, end.byteSize() - Long.BYTES, bytes.byteSize() * Byte.SIZE);
      this.isAtEnd = whole == 0;
      this.blocks = isAtEnd ? end : bytes.asSlice(0, whole);
    }

    /** What can be taken at once. */
    long blockBytes() {
      return blocks.byteSize();
    }

    MemorySegment take(long bytes) {
      MemorySegment taken = blocks.asSlice(0, bytes);
      blocks = blocks.asSlice(bytes);
      if (blocks.byteSize() == 0 && !isAtEnd) {
        isAtEnd = true;
        blocks = end;
      }
      return taken;
    }

    boolean isOver() {
      return blocks.byteSize() == 0;
    }

    byte[] digest() {
      ByteBuffer digest = ByteBuffer.allocate(state.length * Integer.BYTES);
      digest.asIntBuffer().put(state);
      return digest.array();
    }
  }
}
