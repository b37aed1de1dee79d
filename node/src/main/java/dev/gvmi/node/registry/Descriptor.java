package dev.gvmi.node.registry;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a client of the registry says of an image before it pushes it. Immutable; {@link #parse}
 * makes it.
 *
 * <p><b>Shape:</b> all numbers big-endian.
 *
 * <pre>
 *   0   8     0x0000000333333334
 *   8   8     bytes of the image
 *   16  8     bytes of a chunk; the last may be shorter
 *   24  28    SHA3-224 of the image
 *   52  32 n  SHA-256 of each chunk, n = bytes of the image / bytes of a chunk, rounded up
 * </pre>
 *
 * <p><b>Source:</b> gvmkit-build-rs 0.3, chunks.rs.
 */
final class Descriptor {
  private static final long VERSION = 0x0000000333333334L;
  private static final int HASH_BYTES = 32;
  static final int HEAD_BYTES = 52;

  private final DescriptorId id;
  private final long sizeBytes;
  private final long chunkBytes;
  private final ImageId image;
  private final byte[] hashes;

  private Descriptor(
      DescriptorId id, long sizeBytes, long chunkBytes, ImageId image, byte[] hashes) {
    this.id = id;
    this.sizeBytes = sizeBytes;
    this.chunkBytes = chunkBytes;
    this.image = image;
    this.hashes = hashes;
  }

  /** As many bytes a descriptor has at most. */
  static int maxBytes(RegistryLimits limits) {
    return HEAD_BYTES + HASH_BYTES * limits.chunks();
  }

  /**
   * Reads a descriptor; {@link IllegalArgumentException} says in one line what is wrong with it.
   */
  static Descriptor parse(byte[] bytes, RegistryLimits limits) {
    require(bytes.length >= HEAD_BYTES, "it is shorter than a descriptor");
    require(bytes.length <= maxBytes(limits), "it has more than " + limits.chunks() + " chunks");
    ByteBuffer in = ByteBuffer.wrap(bytes);
    require(in.getLong() == VERSION, "it is no descriptor of a version that is known");
    long size = in.getLong();
    long chunk = in.getLong();
    require(
        size >= 0 && size <= Geometry.MAX_SIZE_BYTES,
        "an image has at most " + Geometry.MAX_SIZE_BYTES + " bytes");
    require(
        chunk > 0 && chunk <= limits.chunkBytes(),
        "a chunk has 1 to " + limits.chunkBytes() + " bytes");
    long chunks = (size + chunk - 1) / chunk;
    require(
        bytes.length - HEAD_BYTES == HASH_BYTES * chunks,
        "an image of " + size + " bytes in chunks of " + chunk + " has " + chunks + " of them");
    byte[] sha3 = new byte[DigestAlgorithm.SHA3_224.digestBytes()];
    in.get(sha3);
    return new Descriptor(
        new DescriptorId(HexFormat.of().formatHex(Sha256.jdk().digest(bytes))),
        size,
        chunk,
        ImageId.of(DigestAlgorithm.SHA3_224, sha3),
        Arrays.copyOfRange(bytes, HEAD_BYTES, bytes.length));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  DescriptorId id() {
    return id;
  }

  ImageId image() {
    return image;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  int chunkCount() {
    return hashes.length / HASH_BYTES;
  }

  /** Where a chunk begins in the image. */
  long chunkOffset(int chunk) {
    return chunk * chunkBytes;
  }

  long chunkLength(int chunk) {
    return Math.min(chunkBytes, sizeBytes - chunkOffset(chunk));
  }

  boolean isHashOf(int chunk, byte[] sha256) {
    int from = chunk * HASH_BYTES;
    return Arrays.equals(hashes, from, from + HASH_BYTES, sha256, 0, sha256.length);
  }

  /** The SHA-256 of a chunk. */
  String chunkHash(int chunk) {
    return HexFormat.of().formatHex(hashes, chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
  }
}
