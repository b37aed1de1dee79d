package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The sponge in plain Java, one block at a time. <b>Thread:</b> any. */
public final class ScalarSegmentHasher implements SegmentHasher {
  @Override
  public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
    requireWhole(algorithm, blocks);
    int rate = algorithm.rateBytes();
    ByteBuffer in = blocks.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int lanes = rate / Long.BYTES;
    for (int at = in.position(); at < in.limit(); at += rate) {
      for (int lane = 0; lane < lanes; lane++) {
        state[lane] ^= in.getLong(at + lane * Long.BYTES);
      }
      Keccak.permute(state);
    }
    blocks.position(blocks.limit());
  }

  static void requireWhole(DigestAlgorithm algorithm, ByteBuffer blocks) {
    int rate = algorithm.rateBytes();
    if (blocks.remaining() % rate != 0) {
      throw new IllegalArgumentException(
          blocks.remaining() + " bytes are no multiple of the rate " + rate);
    }
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    int rate = algorithm.rateBytes();
    byte[] last = new byte[rate];
    int length = tail.remaining();
    if (length >= rate) {
      throw new IllegalArgumentException("a tail of " + length + " bytes is a whole block");
    }
    tail.get(last, 0, length);
    last[length] ^= 0x06;
    last[rate - 1] ^= (byte) 0x80;
    absorb(state, algorithm, ByteBuffer.wrap(last));
    ByteBuffer squeezed =
        ByteBuffer.allocate(state.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    squeezed.asLongBuffer().put(state);
    return java.util.Arrays.copyOf(squeezed.array(), algorithm.digestBytes());
  }
}
