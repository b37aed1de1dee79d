package dev.gvmi.node.tar;

import dev.gvmi.node.tar.TarEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar from front to back: ustar, GNU and pax.
 *
 * <p><b>Shape:</b> blocks of 512 bytes; a header, then the content padded to whole blocks; at the
 * end two blocks of zeros. Of a header:
 *
 * <pre>
 * offset  size  field
 *   0     100   name                   257   6/8   "ustar" and version
 * 100       8   mode                   329     8   major
 * 108       8   uid                    337     8   minor
 * 116       8   gid                    345   155   prefix of the name (ustar)
 * 124      12   size
 * 136      12   seconds since 1970
 * 148       8   checksum
 * 156       1   type
 * 157     100   target of a link
 * </pre>
 *
 * <p><b>Thread:</b> one.
 *
 * <p><b>Errors:</b> {@link TarException} for a damaged or truncated stream and for one over {@link
 * TarLimits}.
 */
public final class TarReader {
  static final int BLOCK = 512;
  private static final long MAX_OWNER = 0xffff_ffffL;

  private final InputStream in;
  private final TarLimits limits;
  private final ExtendedHeader global = new ExtendedHeader();
  private final byte[] header = new byte[BLOCK];
  private long left;
  private long padding;
  private boolean marked;

  /** The type of a header that describes the next one. */
  private static final String DESCRIBING = "xgXLK";

  public TarReader(InputStream in, TarLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  /** The next entry; what is left of the content of the one before is skipped. Empty at the end. */
  public Optional<TarEntry> next() throws IOException {
    ExtendedHeader extended = new ExtendedHeader();
    extended.addAll(global);
    String longName = null;
    String longLink = null;
    boolean described = false;
    while (readHeader()) {
      char type = (char) (header[156] & 0xff);
      if (DESCRIBING.indexOf(type) < 0) {
        return Optional.of(entry(type, extended, longName, longLink));
      }
      byte[] content = describing();
      described |= type != 'g';
      switch (type) {
        case 'L' -> longName = untilZero(content);
        case 'K' -> longLink = untilZero(content);
        case 'g' -> {
          global.parse(content);
          extended.parse(content);
        }
        default -> extended.parse(content);
      }
    }
    if (described) {
      throw truncated();
    }
    return Optional.empty();
  }

  /** Whether the end was marked, and not only reached. */
  public boolean endMarked() {
    return marked;
  }

  /** How many bytes of the current entry's content were not read. */
  public long remainingBytes() {
    return left;
  }

  /** Reads of the content of the current entry; -1 behind its end. */
  public int read(byte[] buffer) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
    if (count < 0) {
      throw truncated();
    }
    left -= count;
    return count;
  }

  private boolean readHeader() throws IOException {
    skip(left + padding);
    left = 0;
    padding = 0;
    int count = in.readNBytes(header, 0, BLOCK);
    if (count == 0) {
      return false;
    }
    if (count < BLOCK) {
      throw truncated();
    }
    if (isZero()) {
      marked = true;
      return false;
    }
    if (!isSound()) {
      throw new TarException("it is no tar, or damaged: the checksum of a header does not match");
    }
    long size = number(124, 12, "size");
    if (size < 0 || size > limits.maxFileBytes()) {
      throw new TarException("an entry says that it has " + size + " bytes");
    }
    content(size);
    return true;
  }

  private boolean isSound() {
    try {
      return TarUtils.verifyCheckSum(header);
    } catch (IllegalArgumentException e) {
      return false; // the checksum is no number
    }
  }

  private void content(long size) {
    left = size;
    padding = -size & (BLOCK - 1);
  }

  private boolean isZero() {
    for (byte b : header) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private void skip(long bytes) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (java.io.EOFException e) {
      throw truncated();
    }
  }

  private static TarException truncated() {
    return new TarException("it is truncated");
  }

  private byte[] describing() throws IOException {
    if (left > limits.maxExtendedBytes()) {
      throw new TarException(
          "an extended header has " + left + " bytes, more than " + limits.maxExtendedBytes());
    }
    byte[] content = in.readNBytes((int) left);
    if (content.length < left) {
      throw truncated();
    }
    left = 0;
    return content;
  }

  private TarEntry entry(
      char type, ExtendedHeader extended, @Nullable String longName, @Nullable String longLink)
      throws TarException {
    String name = chosen(extended.text("path"), longName, headerName());
    String link = chosen(extended.text("linkpath"), longLink, field(157, 100));
    Kind kind = kind(type, name);
    var size = extended.number("size");
    if (size.isPresent()) {
      if (size.getAsLong() < 0 || size.getAsLong() > limits.maxFileBytes()) {
        throw new TarException("an entry says that it has " + size.getAsLong() + " bytes");
      }
      content(size.getAsLong());
    }
    if (kind != Kind.FILE) {
      // what others write as the size of a link or a folder has no content behind it
      content(0);
    }
    boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
    boolean linking = kind == Kind.SYMBOLIC_LINK || kind == Kind.HARD_LINK;
    return new TarEntry(
        name,
        kind,
        (int) number(100, 8, "mode"),
        owner(extended, "uid", 108),
        owner(extended, "gid", 116),
        extended.number("mtime").orElse(number(136, 12, "time")),
        left,
        linking ? link : "",
        device ? (int) number(329, 8, "device") : 0,
        device ? (int) number(337, 8, "device") : 0,
        extended.xattrs());
  }

  private String chosen(@Nullable String extended, @Nullable String gnu, String plain)
      throws TarException {
    String name = extended != null ? extended : gnu != null ? gnu : plain;
    if (name.length() > limits.maxNameBytes()) {
      throw new TarException(
          "a name has " + name.length() + " bytes, more than " + limits.maxNameBytes());
    }
    if (name.indexOf('\0') >= 0) {
      throw new TarException("a name has a zero byte");
    }
    return name;
  }

  private long owner(ExtendedHeader extended, String key, int offset) throws TarException {
    var said = extended.number(key);
    long owner = said.isPresent() ? said.getAsLong() : number(offset, 8, key);
    if (owner < 0 || owner > MAX_OWNER) {
      throw new TarException("an entry has the " + key + " " + owner);
    }
    return owner;
  }

  private static Kind kind(char type, String name) throws TarException {
    return switch (type) {
      case '\0', '0', '7' -> name.endsWith("/") ? Kind.FOLDER : Kind.FILE;
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMBOLIC_LINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.FOLDER;
      case '6' -> Kind.FIFO;
      case 'S' -> throw new TarException("it has sparse files: make it without --sparse");
      default ->
          throw new TarException(
              "the entry " + ByteText.toUtf8(name) + " has the unknown type " + (int) type);
    };
  }

  private String headerName() {
    String name = field(0, 100);
    boolean posix = field(257, 6).equals("ustar") && header[262] == 0;
    String prefix = posix ? field(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String field(int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return ByteText.of(header, offset, end - offset);
  }

  private static String untilZero(byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    return ByteText.of(content, 0, end);
  }

  private long number(int offset, int length, String what) throws TarException {
    try {
      return TarUtils.parseOctalOrBinary(header, offset, length);
    } catch (IllegalArgumentException e) {
      throw new TarException("a header is damaged: its " + what + " is no number");
    }
  }
}
