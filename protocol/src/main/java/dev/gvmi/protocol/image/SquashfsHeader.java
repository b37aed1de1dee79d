package dev.gvmi.protocol.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The superblock that an image begins with.
 *
 * <p><b>Shape:</b> little-endian; of 96 bytes these are looked at:
 *
 * <pre>
 * offset  size  field
 *  0      4     magic "hsqs"
 *  4      4     inodes
 * 12      4     block size, bytes
 * 20      2     compression
 * 22      2     log2 of the block size
 * 28      2     major version, 4
 * 30      2     minor version, 0
 * 40      8     bytes used by the file system
 * </pre>
 *
 * <p><b>Source:</b> Linux, fs/squashfs/squashfs_fs.h.
 *
 * @param inodes files, folders and links in it
 * @param bytesUsed by the file system, without padding; the trailer lies behind
 */
public record SquashfsHeader(long inodes, int blockBytes, Compression compression, long bytesUsed) {
  /** Bytes of a superblock. */
  public static final int BYTES = 96;

  private static final int MAGIC = 0x73717368;
  private static final int MIN_BLOCK_LOG = 12;
  private static final int MAX_BLOCK_LOG = 20;

  /** How its blocks are compressed; the order is the number on disk, from 1 on. */
  public enum Compression {
    GZIP,
    LZMA,
    LZO,
    XZ,
    LZ4,
    ZSTD
  }

  /**
   * Reads the first {@link #BYTES} bytes of a file.
   *
   * @param fileBytes how long the file is
   * @throws InvalidImageException if this is no squashfs 4.0, or the file is shorter than it says
   */
  public static SquashfsHeader parse(ByteBuffer head, long fileBytes) throws InvalidImageException {
    ByteBuffer in = head.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < BYTES || in.getInt(0) != MAGIC) {
      throw new InvalidImageException("it is no squashfs: the magic \"hsqs\" is not at its start");
    }
    int major = Short.toUnsignedInt(in.getShort(28));
    int minor = Short.toUnsignedInt(in.getShort(30));
    if (major != 4 || minor != 0) {
      throw new InvalidImageException("it is squashfs " + major + "." + minor + ", not 4.0");
    }
    int blockLog = Short.toUnsignedInt(in.getShort(22));
    if (blockLog < MIN_BLOCK_LOG || blockLog > MAX_BLOCK_LOG || in.getInt(12) != 1 << blockLog) {
      throw new InvalidImageException("its squashfs superblock is damaged: block size");
    }
    long used = in.getLong(40);
    if (used < BYTES || used > fileBytes) {
      throw new InvalidImageException(
          "it is truncated: the squashfs has " + used + " bytes, the file " + fileBytes);
    }
    return new SquashfsHeader(
        Integer.toUnsignedLong(in.getInt(4)), 1 << blockLog, compression(in.getShort(20)), used);
  }

  private static Compression compression(short number) throws InvalidImageException {
    Compression[] all = Compression.values();
    if (number < 1 || number > all.length) {
      throw new InvalidImageException("its squashfs has the unknown compression " + number);
    }
    return all[number - 1];
  }
}
