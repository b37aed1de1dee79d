package dev.gvmi.node.trial;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a program is one for x86-64 that asks for no interpreter. Source: System V ABI, ELF-64
 * object file format.
 */
final class StaticProgram {
  private static final int HEAD_BYTES = 4096;
  private static final int MAGIC = 0x464c457f;
  private static final int INTERPRETER = 3;

  private StaticProgram() {}

  static boolean is(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return is(ByteBuffer.wrap(in.readNBytes(HEAD_BYTES)));
    }
  }

  static boolean is(ByteBuffer bytes) {
    ByteBuffer head = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (head.remaining() < 64
        || head.getInt(0) != MAGIC
        || head.get(4) != 2
        || head.getShort(18) != 62) {
      return false;
    }
    long table = head.getLong(32);
    int entryBytes = Short.toUnsignedInt(head.getShort(54));
    int entries = Short.toUnsignedInt(head.getShort(56));
    for (int i = 0; i < entries; i++) {
      long at = table + (long) i * entryBytes;
      if (at < 0 || at > head.remaining() - 4) {
        return false;
      }
      if (head.getInt((int) at) == INTERPRETER) {
        return false;
      }
    }
    return true;
  }
}
