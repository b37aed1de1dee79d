package dev.gvmi.node.oci;

import dev.gvmi.node.tar.TarLimits;

/**
 * What a source may ask of us.
 *
 * @param maxJsonBytes of a manifest, an index or a configuration
 * @param maxLayers of an image
 * @param maxArchiveEntries of the archive that holds the layers
 * @param maxEntries of all layers together
 * @param maxUnpackedBytes of all layers together
 * @param freeUnpackedBytes up to which a layer may unpack to any multiple of its size
 * @param maxRatio how many times its size a layer may unpack to, beyond that
 * @param maxDepth of folders in each other
 */
public record SourceLimits(
    int maxJsonBytes,
    int maxLayers,
    int maxArchiveEntries,
    int maxEntries,
    long maxUnpackedBytes,
    long freeUnpackedBytes,
    int maxRatio,
    int maxDepth,
    TarLimits tar) {
  public static final SourceLimits DEFAULT =
      new SourceLimits(
          4 << 20, 512, 100_000, 1_000_000, 256L << 30, 1L << 30, 200, 512, TarLimits.DEFAULT);
}
