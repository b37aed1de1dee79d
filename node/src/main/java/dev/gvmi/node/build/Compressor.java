package dev.gvmi.node.build;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How blocks are compressed, of what the runtime's kernel can read. */
public enum Compressor {
  LZO,
  GZIP,
  XZ,
  LZ4;

  private static final int MAX_LEVEL = 9;

  /** {@link IllegalArgumentException} with the reason if it is none of these. */
  public static Compressor parse(String name) {
    for (Compressor compressor : values()) {
      if (compressor.argument().equals(name)) {
        return compressor;
      }
    }
    throw new IllegalArgumentException(
        name.equals("zstd")
            ? "zstd: the kernel of the Golem runtime cannot read it; use xz for the smallest image, or lzo"
            : name + " is none of lzo, gzip, xz, lz4");
  }

  String argument() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What makes it compress harder or faster; {@link IllegalArgumentException} if it has no such
   * level.
   */
  public List<String> options(@Nullable Integer level) {
    if (level == null) {
      return this == LZ4 ? List.of("-Xhc") : List.of();
    }
    if (this == XZ || this == LZ4) {
      throw new IllegalArgumentException(
          "--level is for lzo and gzip: " + argument() + " has none");
    }
    if (level < 1 || level > MAX_LEVEL) {
      throw new IllegalArgumentException("--level is 1 to " + MAX_LEVEL + ", not " + level);
    }
    return List.of("-Xcompression-level", level.toString());
  }
}
