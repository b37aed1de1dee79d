package dev.gvmi.node.fetch;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** A manifest under the name of an image that it is not of, and what a peer serves under it. */
record Lie(Manifest manifest, MemoryImageStore.Source source) {
  /** Refuses every chunk. */
  static final MemoryImageStore.Source NOTHING =
      (offset, target) -> {
        throw new StoreException(StoreException.Kind.IO, "nothing here");
      };

  private static final int DIGEST_AT = 10;

  /** The manifest of other bytes, which are served. */
  static Lie of(TestImage named, byte[] bytes) {
    ManifestBuilder builder =
        new ManifestBuilder(DigestAlgorithm.SHA3_224, bytes.length, new ScalarSegmentHasher());
    builder.update(ByteBuffer.wrap(bytes));
    ByteBuffer encoded = copy(builder.finish().bytes());
    encoded.put(DIGEST_AT, named.id().digest());
    return new Lie(Manifest.parse(encoded), MemoryImageStore.honest(bytes));
  }

  /** Other bytes of that many, at random. */
  static Lie random(TestImage named, int sizeBytes, long seed) {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    return of(named, bytes);
  }

  /** The image, cut or with random bytes behind it. */
  static Lie resized(TestImage named, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    new Random(sizeBytes).nextBytes(bytes);
    System.arraycopy(named.bytes(), 0, bytes, 0, Math.min(sizeBytes, named.bytes().length));
    return of(named, bytes);
  }

  /** The image with one bit of one chunk flipped. */
  static Lie flipped(TestImage named, int chunk) {
    byte[] bytes = named.bytes();
    bytes[(int) named.manifest().geometry().chunkOffset(chunk)] ^= 1;
    return of(named, bytes);
  }

  /** Zeros, more of them than anybody has. */
  static Lie huge(TestImage named, long sizeBytes) {
    Geometry geometry = new Geometry(DigestAlgorithm.SHA3_224, sizeBytes);
    ByteBuffer encoded = ByteBuffer.allocate(geometry.manifestBytes());
    encoded.put(named.manifest().bytes().limit(DIGEST_AT));
    encoded.put(named.id().digest()).putLong(sizeBytes).clear();
    return new Lie(Manifest.parse(encoded), NOTHING);
  }

  /** Bytes of the image that an honest peer must still send after this lie was fetched whole. */
  long differingBytes(TestImage image, byte[] served) {
    Geometry geometry = image.manifest().geometry();
    long differing = 0;
    for (int i = 0; i < geometry.chunkCount(); i++) {
      byte[] chunk = image.chunkBytes(i);
      int from = (int) geometry.chunkOffset(i);
      boolean alike =
          i < manifest.geometry().chunkCount()
              && manifest.geometry().chunkLength(i) == chunk.length
              && Arrays.equals(served, from, from + chunk.length, chunk, 0, chunk.length);
      differing += alike ? 0 : chunk.length;
    }
    return differing;
  }

  /** All that is served under it. */
  byte[] bytes() {
    ByteBuffer all = ByteBuffer.allocate((int) manifest.geometry().sizeBytes());
    source.read(0, all);
    return all.array();
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).clear();
  }
}
