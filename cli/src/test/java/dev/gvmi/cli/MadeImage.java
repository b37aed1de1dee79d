package dev.gvmi.cli;

import dev.gvmi.protocol.image.ImageTrailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Images of any size that need no tool: a superblock, random bytes, a trailer. No kernel would
 * mount one.
 */
final class MadeImage {
  private static final ByteBuffer TRAILER = new ImageTrailer("{\"Cmd\":[\"sh\"]}").encode();

  private MadeImage() {}

  static Path write(Path file, int sizeBytes) throws IOException {
    return Files.write(file, bytes(sizeBytes));
  }

  static byte[] bytes(int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    new Random(sizeBytes).nextBytes(bytes);
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0, 0x73717368).putInt(4, 1).putInt(12, 1 << 17).putShort(20, (short) 1);
    head.putShort(22, (short) 17).putShort(28, (short) 4).putShort(30, (short) 0);
    head.putLong(40, sizeBytes - TRAILER.remaining());
    head.put(sizeBytes - TRAILER.remaining(), TRAILER, 0, TRAILER.remaining());
    return bytes;
  }
}
