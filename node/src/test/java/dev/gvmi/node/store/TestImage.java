package dev.gvmi.node.store;

import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.DeltaIndexBuilder;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/** An image of random bytes, the same for the same size and seed, with its manifest and proof. */
public final class TestImage {
  private final byte[] bytes;
  private final VerifiedImage proof;

  private TestImage(byte[] bytes, VerifiedImage proof) {
    this.bytes = bytes;
    this.proof = proof;
  }

  public static TestImage random(int sizeBytes, long seed) {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    return of(bytes);
  }

  /** An image of these bytes. */
  public static TestImage of(byte[] bytes) {
    ManifestBuilder builder =
        new ManifestBuilder(DigestAlgorithm.SHA3_224, bytes.length, new ScalarSegmentHasher());
    builder.update(ByteBuffer.wrap(bytes));
    return new TestImage(bytes.clone(), ImageVerifier.imported(builder));
  }

  /** Takes the image into a store, complete. */
  public StoredImage into(ImageStore store) throws IOException {
    Path file = store.newImportFile();
    Files.write(file, bytes);
    return store.adopt(file, proof);
  }

  public DeltaIndex delta() {
    DeltaIndexBuilder builder = new DeltaIndexBuilder(id(), bytes.length);
    builder.update(ByteBuffer.wrap(bytes));
    return builder.finish().orElseThrow();
  }

  public ImageId id() {
    return manifest().image();
  }

  public Manifest manifest() {
    return proof.manifest();
  }

  public VerifiedImage proof() {
    return proof;
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public int chunkCount() {
    return manifest().geometry().chunkCount();
  }

  public byte[] chunkBytes(int chunk) {
    Geometry geometry = manifest().geometry();
    int from = (int) geometry.chunkOffset(chunk);
    return Arrays.copyOfRange(bytes, from, from + geometry.chunkLength(chunk));
  }

  public VerifiedChunk chunk(int chunk) {
    return chunk(manifest(), chunk);
  }

  /** The chunk verified against another manifest that names it alike. */
  public VerifiedChunk chunk(Manifest manifest, int chunk) {
    ImageVerifier verifier = new ImageVerifier(manifest, new ScalarSegmentHasher(), new BitSet());
    return (VerifiedChunk)
        verifier.verify(new UnverifiedChunk(chunk, ByteBuffer.wrap(chunkBytes(chunk))));
  }

  /** A manifest of this image that lies about one chunk. */
  public Manifest withFalseChunkHash(int chunk) {
    int hashes = 18 + manifest().geometry().algorithm().digestBytes();
    return withFlippedByte(hashes + 32 * chunk);
  }

  /** A manifest of this image that lies about the last checkpoint; it needs two segments. */
  public Manifest withFalseCheckpoint() {
    return withFlippedByte(manifest().geometry().manifestBytes() - 1);
  }

  /** A manifest of the first bytes of this image, as if they were all. */
  public Manifest withFalseSize(int sizeBytes) {
    ManifestBuilder builder =
        new ManifestBuilder(DigestAlgorithm.SHA3_224, sizeBytes, new ScalarSegmentHasher());
    builder.update(ByteBuffer.wrap(bytes, 0, sizeBytes));
    ByteBuffer cut = builder.finish().bytes();
    ByteBuffer named = ByteBuffer.allocate(cut.remaining()).put(cut);
    return Manifest.parse(named.put(10, id().digest()).flip());
  }

  private Manifest withFlippedByte(int at) {
    byte[] changed = new byte[manifest().geometry().manifestBytes()];
    manifest().bytes().get(changed);
    changed[at] ^= 1;
    return Manifest.parse(ByteBuffer.wrap(changed));
  }
}
