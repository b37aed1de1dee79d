package dev.gvmi.node.tar;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One header of a tar, its extended headers included.
 *
 * @param name as it is written, bytes as {@link ByteText}
 * @param mode permission bits, set-uid and the like: 07777
 * @param uid owner, unsigned 32 bits
 * @param seconds of the modification since 1970, unsigned 32 bits
 * @param sizeBytes of the content that follows; 0 but for files
 * @param link target of a symbolic or hard link, else empty
 * @param xattrs extended attributes: name to value, both as {@link ByteText}
 */
public record TarEntry(
    String name,
    Kind kind,
    int mode,
    long uid,
    long gid,
    long seconds,
    long sizeBytes,
    String link,
    int major,
    int minor,
    SortedMap<String, String> xattrs) {
  private static final long MAX_UNSIGNED = 0xffff_ffffL;

  /** What it is; the character is the type flag of the header. */
  public enum Kind {
    FILE('0'),
    HARD_LINK('1'),
    SYMBOLIC_LINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    FOLDER('5'),
    FIFO('6');

    private final char flag;

    Kind(char flag) {
      this.flag = flag;
    }

    char flag() {
      return flag;
    }
  }

  public TarEntry {
    requireNonNull(name, "name is missing");
    requireNonNull(link, "link is missing");
    if (uid < 0 || uid > MAX_UNSIGNED || gid < 0 || gid > MAX_UNSIGNED || sizeBytes < 0) {
      throw new IllegalArgumentException("owner or size out of range");
    }
    mode &= 07777;
    seconds = Math.clamp(seconds, 0, MAX_UNSIGNED);
    xattrs = Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
  }

  /** An entry of root's without links, devices and extended attributes. */
  public static TarEntry of(String name, Kind kind, int mode, long seconds, long sizeBytes) {
    return new TarEntry(name, kind, mode, 0, 0, seconds, sizeBytes, "", 0, 0, new TreeMap<>());
  }

  public TarEntry withName(String other) {
    return new TarEntry(
        other, kind, mode, uid, gid, seconds, sizeBytes, link, major, minor, xattrs);
  }

  public TarEntry withSeconds(long other) {
    return new TarEntry(name, kind, mode, uid, gid, other, sizeBytes, link, major, minor, xattrs);
  }

  public TarEntry withOwner(long otherUid, long otherGid) {
    return new TarEntry(
        name, kind, mode, otherUid, otherGid, seconds, sizeBytes, link, major, minor, xattrs);
  }

  /** Another name of a file that came before. */
  public TarEntry asHardLink(String other, String target) {
    return new TarEntry(
        other, Kind.HARD_LINK, mode, uid, gid, seconds, 0, target, 0, 0, new TreeMap<>());
  }
}
