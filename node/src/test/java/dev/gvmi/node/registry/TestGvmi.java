package dev.gvmi.node.registry;

import dev.gvmi.protocol.image.ImageTrailer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Files that pass for images of the runtime: a squashfs superblock, random bytes, a trailer. */
public final class TestGvmi {
  private TestGvmi() {}

  /** As many bytes of squashfs, which are the same for the same seed. */
  public static byte[] random(int squashfsBytes, long seed) {
    byte[] bytes = new byte[squashfsBytes];
    new Random(seed).nextBytes(bytes);
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0, 0x73717368).putInt(4, 1).putInt(12, 1 << 17).putShort(20, (short) 1);
    head.putShort(22, (short) 17).putShort(28, (short) 4).putShort(30, (short) 0);
    head.putLong(40, squashfsBytes);
    ByteBuffer trailer = new ImageTrailer("{\"Cmd\":[\"sh\"]}").encode();
    return ByteBuffer.allocate(squashfsBytes + trailer.remaining()).put(bytes).put(trailer).array();
  }
}
