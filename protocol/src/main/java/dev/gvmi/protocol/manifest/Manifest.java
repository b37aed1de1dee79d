package dev.gvmi.protocol.manifest;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The parts of an image: the SHA-256 of each chunk, and the sponge's state at each segment
 * boundary. A claim, until the image is verified against it. Immutable.
 *
 * <p><b>Shape</b> (integers big-endian; D digest bytes, N chunks, M + 1 segments):
 *
 * <pre>
 *   offset        size   field
 *   0             8      "GVMIMAN1"
 *   8             1      multihash code of the digest
 *   9             1      D
 *   10            D      digest of the image
 *   10+D          8      size of the image
 *   18+D          32 N   SHA-256 of each chunk
 *   18+D+32N      200 M  sponge state after k segments, k = 1..M, lanes little-endian
 * </pre>
 */
public final class Manifest {
  /** No manifest is longer. */
  public static final int MAX_BYTES = 16 << 20;

  /** So many bytes say what image it is of, and how long it is. */
  public static final int HEAD_BYTES = 82;

  static final byte[] MAGIC = "GVMIMAN1".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 18;
  private static final int LANES = 25;

  private final byte[] bytes;
  private final ManifestId id;
  private final ImageId image;
  private final Geometry geometry;

  private Manifest(byte[] bytes, ImageId image, Geometry geometry) {
    this.bytes = bytes;
    this.image = image;
    this.geometry = geometry;
    this.id = ManifestId.fromBytes(Sha256.jdk().digest(bytes));
  }

  /**
   * What the first bytes of a manifest say. It has {@code geometry().manifestBytes()} bytes in all.
   */
  public record Head(ImageId image, Geometry geometry) {}

  /**
   * Reads the start of a manifest of which not all has come: nothing of what it claims needs to be
   * allocated before this is checked. {@link InvalidManifestException} if it is none, or cut before
   * the end of the head.
   *
   * @param in at least {@link #HEAD_BYTES}, or all of a shorter manifest; its position is not
   *     changed
   */
  public static Head head(ByteBuffer in) {
    byte[] bytes = new byte[Math.min(in.remaining(), HEAD_BYTES)];
    in.duplicate().get(bytes);
    if (bytes.length < FIXED_BYTES) {
      throw new InvalidManifestException("manifest is cut");
    }
    if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new InvalidManifestException("no manifest: it does not start with GVMIMAN1");
    }
    DigestAlgorithm algorithm =
        DigestAlgorithm.ofMultihashCode(bytes[8] & 0xff)
            .filter(a -> a.digestBytes() == bytes[9])
            .orElseThrow(() -> new InvalidManifestException("manifest of an unknown digest"));
    int d = algorithm.digestBytes();
    if (bytes.length < FIXED_BYTES + d) {
      throw new InvalidManifestException("manifest is cut");
    }
    long size = ByteBuffer.wrap(bytes).getLong(10 + d);
    if (size < 1 || size > Geometry.MAX_SIZE_BYTES) {
      throw new InvalidManifestException(
          "manifest of an image of " + Long.toUnsignedString(size) + " bytes");
    }
    return new Head(
        ImageId.of(algorithm, Arrays.copyOfRange(bytes, 10, 10 + d)),
        new Geometry(algorithm, size));
  }

  /** {@link InvalidManifestException} on any byte too many, too few or out of bounds. Copies. */
  public static Manifest parse(ByteBuffer in) {
    int length = in.remaining();
    if (length < FIXED_BYTES || length > MAX_BYTES) {
      throw new InvalidManifestException("manifest of " + length + " bytes");
    }
    Head head = head(in);
    if (length != head.geometry().manifestBytes()) {
      throw new InvalidManifestException(
          "manifest has " + length + " bytes, not " + head.geometry().manifestBytes());
    }
    byte[] bytes = new byte[length];
    in.duplicate().get(bytes);
    return new Manifest(bytes, head.image(), head.geometry());
  }

  public ManifestId id() {
    return id;
  }

  public ImageId image() {
    return image;
  }

  public Geometry geometry() {
    return geometry;
  }

  /** Read-only view of the whole encoding. */
  public ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** Whether {@code sha256} is the hash of the chunk. */
  public boolean chunkMatches(int chunk, byte[] sha256) {
    int at = geometry.chunkHashesOffset() + Geometry.CHUNK_HASH_BYTES * chunk;
    return Arrays.equals(
        bytes, at, at + Geometry.CHUNK_HASH_BYTES, sha256, 0, Geometry.CHUNK_HASH_BYTES);
  }

  /** The sponge's state before segment {@code segment}: 25 lanes, all zero before the first. */
  public long[] checkpoint(int segment) {
    long[] state = new long[LANES];
    if (segment > 0) {
      int at = geometry.checkpointsOffset() + Geometry.CHECKPOINT_BYTES * (segment - 1);
      ByteBuffer.wrap(bytes, at, Geometry.CHECKPOINT_BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asLongBuffer()
          .get(state);
    }
    return state;
  }

  /**
   * This manifest with other states between its segments; a claim like any.
   *
   * @param states 25 lanes before each segment but the first, in order
   */
  public Manifest withCheckpoints(List<long[]> states) {
    if (states.size() != geometry.segmentCount() - 1) {
      throw new IllegalArgumentException(
          states.size() + " checkpoints for " + geometry.segmentCount() + " segments");
    }
    ByteBuffer out = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
    out.position(geometry.checkpointsOffset());
    for (long[] state : states) {
      for (int lane = 0; lane < LANES; lane++) {
        out.putLong(state[lane]);
      }
    }
    return new Manifest(out.array(), image, geometry);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Manifest manifest && manifest.id.equals(id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "manifest " + id + " of " + image;
  }
}
