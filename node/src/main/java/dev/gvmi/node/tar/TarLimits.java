package dev.gvmi.node.tar;

/**
 * What a tar may ask of its reader.
 *
 * @param maxNameBytes of a name or a link's target
 * @param maxExtendedBytes of one extended header
 * @param maxFileBytes of one file
 */
public record TarLimits(int maxNameBytes, int maxExtendedBytes, long maxFileBytes) {
  public static final TarLimits DEFAULT = new TarLimits(4096, 1 << 20, 1L << 40);

  public TarLimits {
    if (maxNameBytes < 1 || maxExtendedBytes < 1 || maxFileBytes < 0) {
      throw new IllegalArgumentException("limits of a tar");
    }
  }
}
