package dev.gvmi.node.tar;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.gvmi.node.tar.TarEntry.Kind;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * Writes a tar: ustar headers, with a pax header in front where one does not do. The bytes follow
 * from the entries alone.
 *
 * <p><b>Thread:</b> one.
 */
public final class TarWriter {
  private static final int NAME_BYTES = 100;
  private static final long MAX_OCTAL_SIZE = 0_77777777777L;
  private static final long MAX_OCTAL_ID = 0_7777777L;

  private final OutputStream out;
  private long left;
  private int padding;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Begins an entry; as many bytes as it says are to be written next. */
  public void put(TarEntry entry) throws IOException {
    pad();
    String records = records(entry);
    if (!records.isEmpty()) {
      out.write(header("pax", 'x', 0644, records.length(), 0, ""));
      out.write(ByteText.bytes(records));
      out.write(new byte[-records.length() & (TarReader.BLOCK - 1)]);
    }
    out.write(header(entry));
    left = entry.sizeBytes();
    padding = (int) (-left & (TarReader.BLOCK - 1));
  }

  /** A part of the content. */
  public void write(byte[] bytes, int length) throws IOException {
    if (length > left) {
      throw new IllegalStateException("more content than the entry said");
    }
    out.write(bytes, 0, length);
    left -= length;
  }

  /** Marks the end. */
  public void finish() throws IOException {
    pad();
    out.write(new byte[2 * TarReader.BLOCK]);
    out.flush();
  }

  private void pad() throws IOException {
    if (left != 0) {
      throw new IllegalStateException(left + " bytes of content are missing");
    }
    out.write(new byte[padding]);
    padding = 0;
  }

  private static String records(TarEntry entry) {
    StringBuilder records = new StringBuilder();
    if (entry.name().length() > NAME_BYTES) {
      records.append(ExtendedHeader.format("path", entry.name()));
    }
    if (entry.link().length() > NAME_BYTES) {
      records.append(ExtendedHeader.format("linkpath", entry.link()));
    }
    if (entry.sizeBytes() > MAX_OCTAL_SIZE) {
      records.append(ExtendedHeader.format("size", Long.toString(entry.sizeBytes())));
    }
    if (entry.uid() > MAX_OCTAL_ID) {
      records.append(ExtendedHeader.format("uid", Long.toString(entry.uid())));
    }
    if (entry.gid() > MAX_OCTAL_ID) {
      records.append(ExtendedHeader.format("gid", Long.toString(entry.gid())));
    }
    entry
        .xattrs()
        .forEach((name, value) ->
            records.append(ExtendedHeader.format(ExtendedHeader.xattrKey(name), value)));
    return records.toString();
  }

  private static byte[] header(TarEntry entry) {
    byte[] header =
        header(
            entry.name(),
            entry.kind().flag(),
            entry.mode(),
            entry.sizeBytes(),
            entry.seconds(),
            entry.link());
    octal(entry.uid() > MAX_OCTAL_ID ? 0 : entry.uid(), header, 108, 8);
    octal(entry.gid() > MAX_OCTAL_ID ? 0 : entry.gid(), header, 116, 8);
    if (entry.kind() == Kind.CHARACTER_DEVICE || entry.kind() == Kind.BLOCK_DEVICE) {
      octal(entry.major(), header, 329, 8);
      octal(entry.minor(), header, 337, 8);
    }
    return sealed(header);
  }

  private static byte[] header(
      String name, char flag, int mode, long size, long seconds, String link) {
    byte[] header = new byte[TarReader.BLOCK];
    text(name, header, 0);
    octal(mode, header, 100, 8);
    octal(0, header, 108, 8);
    octal(0, header, 116, 8);
    octal(size > MAX_OCTAL_SIZE ? 0 : size, header, 124, 12);
    octal(seconds, header, 136, 12);
    header[156] = (byte) flag;
    text(link, header, 157);
    System.arraycopy("ustar\0".concat("00").getBytes(US_ASCII), 0, header, 257, 8);
    octal(0, header, 329, 8);
    octal(0, header, 337, 8);
    return sealed(header);
  }

  private static void text(String value, byte[] header, int offset) {
    byte[] bytes = ByteText.bytes(value);
    System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, NAME_BYTES));
  }

  private static void octal(long value, byte[] header, int offset, int length) {
    int end = TarUtils.formatLongOctalBytes(value, header, offset, length);
    assert end == offset + length;
  }

  private static byte[] sealed(byte[] header) {
    java.util.Arrays.fill(header, 148, 156, (byte) ' ');
    int end = TarUtils.formatCheckSumOctalBytes(TarUtils.computeCheckSum(header), header, 148, 8);
    assert end == 156;
    return header;
  }
}
