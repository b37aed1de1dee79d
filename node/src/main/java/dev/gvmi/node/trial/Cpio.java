package dev.gvmi.node.trial;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The archive that a kernel unpacks into memory before anything is mounted.
 *
 * <p><b>Shape:</b> "newc": {@code 070701}, then 13 numbers of 8 hex digits (inode, mode, uid, gid,
 * links, time, size, device twice, device of a node twice, length of the name with its zero,
 * checksum), the name, the content; header with name, and content, are padded to 4 bytes. The last
 * entry is {@code TRAILER!!!}.
 *
 * <p><b>Source:</b> Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
 */
final class Cpio {
  private static final String MAGIC = "070701";
  private static final String LAST = "TRAILER!!!";
  private static final int HEADER_BYTES = 110;
  private static final int MAX_NAME_BYTES = 4096;
  private static final int FOLDER = 040755;
  private static final int FILE = 0100000;

  private Cpio() {}

  /** Is given what is in an archive. */
  @FunctionalInterface
  interface Visitor {
    void file(String name, byte[] content);
  }

  /** <b>Thread:</b> one. */
  static final class Writer {
    private final OutputStream out;
    private int inode = 1;

    Writer(OutputStream out) {
      this.out = out;
    }

    Writer folder(String name) throws IOException {
      return entry(name, FOLDER, new byte[0]);
    }

    Writer file(String name, int mode, byte[] content) throws IOException {
      return entry(name, FILE | mode, content);
    }

    void finish() throws IOException {
      entry(LAST, 0, new byte[0]);
      out.flush();
    }

    private Writer entry(String name, int mode, byte[] content) throws IOException {
      byte[] text = name.getBytes(UTF_8);
      StringBuilder header = new StringBuilder(MAGIC);
      long[] fields = {inode++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, text.length + 1, 0};
      for (long field : fields) {
        header.append(String.format(Locale.ROOT, "%08x", field));
      }
      out.write(header.toString().getBytes(US_ASCII));
      out.write(text);
      out.write(new byte[1 + padding(HEADER_BYTES + text.length + 1)]);
      out.write(content);
      out.write(new byte[padding(content.length)]);
      return this;
    }
  }

  private static int padding(int length) {
    return -length & 3;
  }

  /**
   * Reads all files of an archive; {@link IOException} if it is damaged or a file is longer than
   * this.
   */
  static void read(InputStream in, int maxFileBytes, Visitor visitor) throws IOException {
    while (true) {
      byte[] header = in.readNBytes(HEADER_BYTES);
      if (header.length < HEADER_BYTES || !new String(header, 0, 6, US_ASCII).equals(MAGIC)) {
        throw new IOException("it is no cpio archive, or damaged");
      }
      long mode = field(header, 1);
      long size = field(header, 6);
      long nameBytes = field(header, 11);
      if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES || size > maxFileBytes) {
        throw new IOException("its cpio archive has a name or a file that is too long");
      }
      byte[] name = in.readNBytes((int) nameBytes);
      in.skipNBytes(padding(HEADER_BYTES + (int) nameBytes));
      byte[] content = in.readNBytes((int) size);
      if (name.length < nameBytes || content.length < size) {
        throw new IOException("its cpio archive is truncated");
      }
      in.skipNBytes(padding((int) size));
      String text = new String(name, 0, name.length - 1, UTF_8);
      if (text.equals(LAST)) {
        return;
      }
      if ((mode & 0170000) == FILE) {
        visitor.file(text, content);
      }
    }
  }

  private static long field(byte[] header, int index) throws IOException {
    try {
      // takes no sign
      return HexFormat.fromHexDigitsToLong(new String(header, 6 + 8 * index, 8, US_ASCII));
    } catch (NumberFormatException e) {
      throw new IOException("its cpio archive is damaged", e);
    }
  }
}
