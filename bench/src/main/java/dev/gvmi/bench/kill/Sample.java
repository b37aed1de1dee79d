package dev.gvmi.bench.kill;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageTrailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * An image whose bytes are known: a squashfs superblock, random bytes, a trailer. Its id is by the
 * JDK's SHA3, not ours.
 *
 * @param file which nobody else writes
 */
record Sample(String id, Path file, long bytes) {
  private static final ByteBuffer TRAILER = new ImageTrailer("{\"Cmd\":[\"sh\"]}").encode();

  static Sample write(Path file, int sizeBytes, RandomGenerator random) throws IOException {
    byte[] bytes = new byte[sizeBytes];
    random.nextBytes(bytes);
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0, 0x73717368).putInt(4, 1).putInt(12, 1 << 17).putShort(20, (short) 1);
    head.putShort(22, (short) 17).putShort(28, (short) 4).putShort(30, (short) 0);
    head.putLong(40, sizeBytes - TRAILER.remaining());
    head.put(sizeBytes - TRAILER.remaining(), TRAILER, 0, TRAILER.remaining());
    return of(file, bytes);
  }

  /** The same but for a byte at each of these places. */
  Sample next(Path other, long... places) throws IOException {
    byte[] changed = Files.readAllBytes(file);
    for (long place : places) {
      changed[(int) place] ^= 1;
    }
    return of(other, changed);
  }

  private static Sample of(Path file, byte[] bytes) throws IOException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA3-224").digest(bytes);
      return new Sample(HexFormat.of().formatHex(hash), Files.write(file, bytes), bytes.length);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA3-224", e);
    }
  }

  ImageId imageId() {
    return ImageId.parseHex(id);
  }

  boolean isIn(Path other) throws IOException {
    return Files.mismatch(file, other) < 0;
  }
}
