package dev.gvmi.node.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * ioctl(2) FICLONE: a file that shares its blocks with another until one of them is written (btrfs,
 * XFS, bcachefs, ZFS). Where the system or the file system cannot, the answer is no.
 *
 * <p><b>Thread:</b> any.
 */
final class Reflink {
  /** {@code _IOW(0x94, 9, int)} of linux/fs.h, where _IOW has its usual form. */
  private static final long FICLONE = 0x40049409L;

  private Reflink() {}

  /**
   * Makes {@code to}, an existing empty file, a clone of {@code from}. False if that cannot be done
   * here; {@code to} is still empty then.
   */
  static boolean clone(Path from, Path to) {
    try (@Nullable LinuxFile source = LinuxFile.open(from, LinuxFile.Mode.READ).orElse(null);
        @Nullable LinuxFile target = LinuxFile.open(to, LinuxFile.Mode.WRITE).orElse(null)) {
      return source != null && target != null && target.ioctl(FICLONE, source);
    }
  }
}
