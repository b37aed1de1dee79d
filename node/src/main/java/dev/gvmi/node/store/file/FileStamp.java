package dev.gvmi.node.store.file;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What stat(2) says of a file, kept to notice that somebody changed it.
 *
 * @param modifiedNanos mtime, nanoseconds since 1970
 * @param changedNanos ctime, nanoseconds since 1970; 0 where the file system has none
 * @param links number of hard links; 1 where the file system has none
 */
public record FileStamp(
    long inode, long sizeBytes, long modifiedNanos, long changedNanos, int links) {

  /** Looks at the file; a symbolic link is not followed. */
  static FileStamp of(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      BasicFileAttributes basic =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return new FileStamp(0, basic.size(), nanos(basic.lastModifiedTime()), 0, 1);
    }
    Map<String, Object> unix =
        Files.readAttributes(
            file, "unix:ino,size,lastModifiedTime,ctime,nlink", LinkOption.NOFOLLOW_LINKS);
    return new FileStamp(
        (Long) requireNonNull(unix.get("ino")),
        (Long) requireNonNull(unix.get("size")),
        nanos((FileTime) requireNonNull(unix.get("lastModifiedTime"))),
        nanos((FileTime) requireNonNull(unix.get("ctime"))),
        (Integer) requireNonNull(unix.get("nlink")));
  }

  /**
   * Whether a later stamp is of the same, unchanged file. Making or removing a hard link changes
   * the ctime too: so a new ctime beside a new number of links is no change.
   */
  boolean sameContent(FileStamp later) {
    return sameButForLinks(later) && (changedNanos == later.changedNanos || links != later.links);
  }

  /** The same, where the caller knows that a link was made: the ctime says nothing. */
  boolean sameButForLinks(FileStamp later) {
    return inode == later.inode
        && sizeBytes == later.sizeBytes
        && modifiedNanos == later.modifiedNanos;
  }

  private static long nanos(FileTime time) {
    return time.to(TimeUnit.NANOSECONDS);
  }
}
