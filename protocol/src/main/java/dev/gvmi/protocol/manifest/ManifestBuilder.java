package dev.gvmi.protocol.manifest;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;

/**
 * Makes the manifest of an image that comes in order: hashes chunks by SHA-256 and the whole by
 * SHA3 in one pass.
 *
 * <p><b>Thread:</b> one.
 */
public final class ManifestBuilder {
  private final Geometry geometry;
  private final SegmentHasher hasher;
  private final ByteBuffer out;
  private final long[] state = new long[25];
  private final MessageDigest chunk = Sha256.jdk();
  private final ByteBuffer block;
  private long absorbed;
  private long hashed;

  public ManifestBuilder(DigestAlgorithm algorithm, long sizeBytes, SegmentHasher hasher) {
    this.geometry = new Geometry(algorithm, sizeBytes);
    this.hasher = hasher;
    this.out = ByteBuffer.allocate(geometry.manifestBytes());
    this.block = ByteBuffer.allocate(algorithm.rateBytes());
  }

  /**
   * The next bytes; takes all of them. {@link IllegalStateException} if more come than the size
   * says.
   */
  public void update(ByteBuffer bytes) {
    if (bytes.remaining() > geometry.sizeBytes() - hashed) {
      throw new IllegalStateException(
          "the image is longer than its " + geometry.sizeBytes() + " bytes");
    }
    hashChunks(bytes.duplicate());
    absorb(bytes);
  }

  private void hashChunks(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      int index = (int) (hashed / Geometry.CHUNK_BYTES);
      long end = geometry.chunkOffset(index) + geometry.chunkLength(index);
      int count = (int) Math.min(bytes.remaining(), end - hashed);
      chunk.update(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      hashed += count;
      if (hashed == end) {
        int at = geometry.chunkHashesOffset() + Geometry.CHUNK_HASH_BYTES * index;
        out.put(at, chunk.digest());
      }
    }
  }

  private void absorb(ByteBuffer bytes) {
    int rate = geometry.algorithm().rateBytes();
    while (bytes.hasRemaining()) {
      if (block.position() > 0 || bytes.remaining() < rate) {
        int count = Math.min(block.remaining(), bytes.remaining());
        block.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        if (!block.hasRemaining()) {
          absorbBlocks(block.flip());
          block.clear();
        }
      } else {
        long toBoundary = geometry.segmentBytes() - absorbed % geometry.segmentBytes();
        int whole = bytes.remaining() - bytes.remaining() % rate;
        int count = (int) Math.min(whole, toBoundary);
        absorbBlocks(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
      }
    }
  }

  private void absorbBlocks(ByteBuffer blocks) {
    absorbed += blocks.remaining();
    hasher.absorb(state, geometry.algorithm(), blocks);
    if (absorbed % geometry.segmentBytes() == 0 && absorbed < geometry.sizeBytes()) {
      int k = (int) (absorbed / geometry.segmentBytes());
      ByteBuffer checkpoint =
          out.duplicate()
              .position(geometry.checkpointsOffset() + Geometry.CHECKPOINT_BYTES * (k - 1))
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      for (long lane : state) {
        checkpoint.putLong(lane);
      }
    }
  }

  /** The manifest; {@link IllegalStateException} unless exactly the size has come. Call once. */
  public Manifest finish() {
    if (hashed != geometry.sizeBytes()) {
      throw new IllegalStateException(
          "the image ended at " + hashed + " of " + geometry.sizeBytes() + " bytes");
    }
    byte[] digest = hasher.finish(state, geometry.algorithm(), block.flip());
    out.put(0, Manifest.MAGIC);
    out.put(8, (byte) geometry.algorithm().multihashCode());
    out.put(9, (byte) digest.length);
    out.put(10, digest);
    out.putLong(10 + digest.length, geometry.sizeBytes());
    return Manifest.parse(out.duplicate().clear());
  }
}
