package dev.gvmi.node.gateway;

import dev.gvmi.protocol.manifest.Geometry;

/**
 * How much may be sent of an image that is not proven yet. A client takes an answer that ended well
 * for a whole one, so none may: the image's last chunk is kept until it is proven, and the last
 * byte of every part. Pure.
 */
final class HoldBack {
  private HoldBack() {}

  /**
   * Where the bytes end that may be sent now.
   *
   * @param position of the next byte; what is returned is never before it
   * @param availableBytes that are here from there on
   * @param end of the answer
   */
  static long limit(long position, long availableBytes, long end, long sizeBytes) {
    long chunks = (sizeBytes + Geometry.CHUNK_BYTES - 1) / Geometry.CHUNK_BYTES;
    long lastChunk = Math.max(0, chunks - 1) * Geometry.CHUNK_BYTES;
    long here = position + Math.max(0, availableBytes);
    return Math.max(position, Math.min(here, Math.min(end - 1, lastChunk)));
  }
}
