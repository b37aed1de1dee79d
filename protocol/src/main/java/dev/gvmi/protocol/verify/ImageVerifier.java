package dev.gvmi.protocol.verify;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.sha3.Piece;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Verifies one image against its manifest: chunks by SHA-256, then the full SHA3 segment by
 * segment, in any order and from several threads.
 *
 * <p>Why this is the full SHA3: segment 0 starts from the true state, so if it ends in checkpoint
 * 1, checkpoint 1 is the true state, and so on to the digest. A false checkpoint makes the segment
 * in front of it fail.
 *
 * <p><b>Thread:</b> any.
 */
public final class ImageVerifier {
  private static final Sha256 ONE_BY_ONE = new ScalarSha256();
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Manifest manifest;
  private final Geometry geometry;
  private final SegmentHasher hasher;
  private final AtomicIntegerArray verified;

  /**
   * A verifier for the image of this manifest.
   *
   * @param verifiedSegments segments known to be verified under this very manifest, from an earlier
   *     run
   */
  public ImageVerifier(Manifest manifest, SegmentHasher hasher, BitSet verifiedSegments) {
    this.manifest = manifest;
    this.geometry = manifest.geometry();
    this.hasher = hasher;
    this.verified = new AtomicIntegerArray(geometry.segmentCount());
    verifiedSegments.stream()
        .filter(segment -> segment < geometry.segmentCount())
        .forEach(segment -> verified.set(segment, 1));
  }

  /** Checks the length and the SHA-256 of a chunk. */
  public ChunkResult verify(UnverifiedChunk chunk) {
    return verify(List.of(chunk), ONE_BY_ONE).getFirst();
  }

  /** Checks the length and the SHA-256 of chunks; what became of each, in their order. */
  public List<ChunkResult> verify(List<UnverifiedChunk> chunks, Sha256 sha256) {
    List<Optional<ChunkResult>> misfits = chunks.stream().map(this::misfit).toList();
    List<ByteBuffer> bytes = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      // the digests are in the same order, whoever is left out
      bytes.add(misfits.get(i).isPresent() ? NOTHING : chunks.get(i).bytes().slice());
    }
    List<byte[]> digests = sha256.digests(bytes);
    List<ChunkResult> results = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      int index = i;
      results.add(
          misfits
              .get(i)
              .orElseGet(
                  () -> result(chunks.get(index).index(), bytes.get(index), digests.get(index))));
    }
    return results;
  }

  /** Why there is nothing to hash. */
  private Optional<ChunkResult> misfit(UnverifiedChunk chunk) {
    int index = chunk.index();
    int length = chunk.bytes().remaining();
    if (index < 0 || index >= geometry.chunkCount()) {
      return Optional.of(new ChunkResult.Mismatch(index, "there is no such chunk"));
    }
    return length == geometry.chunkLength(index)
        ? Optional.empty()
        : Optional.of(
            new ChunkResult.Mismatch(
                index, "length " + length + ", not " + geometry.chunkLength(index)));
  }

  private ChunkResult result(int index, ByteBuffer bytes, byte[] digest) {
    return manifest.chunkMatches(index, digest)
        ? new VerifiedChunk(manifest.id(), index, bytes)
        : new ChunkResult.Mismatch(index, "its SHA-256 is not the manifest's");
  }

  /** So many segments at once are verified for little more than the price of one. */
  public int lanes() {
    return hasher.lanes();
  }

  /**
   * Hashes segments side by side.
   *
   * @param segments each of them once
   * @param buffer what they are read through, of at least one rate for each; the caller's again
   *     afterwards
   * @return those that lead from their checkpoint to the next, or to the digest
   */
  public BitSet verifySegments(BitSet segments, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    List<SegmentSponge> sponges =
        segments.stream().mapToObj(s -> new SegmentSponge(manifest, s)).toList();
    absorb(sponges, source, buffer);
    BitSet good = new BitSet();
    for (SegmentSponge sponge : sponges) {
      if (isGood(sponge.segment(), sponge.state(), source, buffer)) {
        good.set(sponge.segment());
        verified.set(sponge.segment(), 1);
      }
    }
    return good;
  }

  /** Absorbs the whole blocks of segments; only the last segment has more than these. */
  private void absorb(List<SegmentSponge> sponges, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    buffer.clear();
    List<SegmentSponge> left = sponges;
    while (!left.isEmpty()) {
      int share = buffer.capacity() / left.size();
      List<Piece> pieces = new ArrayList<>();
      for (SegmentSponge sponge : left) {
        pieces.add(sponge.read(source, buffer.slice(pieces.size() * share, share)));
      }
      hasher.absorbAll(geometry.algorithm(), pieces);
      left = left.stream().filter(SegmentSponge::hasMore).toList();
    }
  }

  private boolean isGood(int segment, long[] state, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    return isLast(segment)
        ? MessageDigest.isEqual(digest(segment, state, source, buffer), manifest.image().digest())
        : Arrays.equals(state, manifest.checkpoint(segment + 1));
  }

  /** Hashes one segment: true if it leads from its checkpoint to the next, or to the digest. */
  public boolean verifySegment(int segment, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    BitSet one = new BitSet();
    one.set(segment);
    return verifySegments(one, source, buffer).get(segment);
  }

  /** Pads what is left of the last segment, and squeezes. */
  private byte[] digest(int segment, long[] state, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    int tail = geometry.segmentLength(segment) % geometry.algorithm().rateBytes();
    source.read(geometry.sizeBytes() - tail, buffer.clear().limit(tail));
    return hasher.finish(state, geometry.algorithm(), buffer.flip());
  }

  private boolean isLast(int segment) {
    return segment == geometry.segmentCount() - 1;
  }

  public boolean isVerified(int segment) {
    return verified.get(segment) == 1;
  }

  /** The proof, once every segment is verified. */
  public Optional<VerifiedImage> result() {
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      if (!isVerified(segment)) {
        return Optional.empty();
      }
    }
    return Optional.of(new VerifiedImage(manifest));
  }

  /**
   * Hashes on in order from the last true state, for when all chunks are verified and a segment
   * failed: the proof if the digest comes out, then only checkpoints lied, and the true manifest is
   * made here. Reads nothing of the segments whose start is proven true and which are verified from
   * there; not to be called while segments are being verified.
   */
  public Optional<VerifiedImage> verifyInOrder(SegmentSource source, ByteBuffer buffer)
      throws IOException {
    long[] state = manifest.checkpoint(0);
    List<long[]> states = new ArrayList<>();
    int last = geometry.segmentCount() - 1;
    for (int segment = 0; segment < last; segment++) {
      if (isProvenFrom(segment, state)) {
        state = manifest.checkpoint(segment + 1);
      } else {
        absorb(List.of(new SegmentSponge(geometry, segment, state)), source, buffer);
      }
      states.add(state.clone());
    }
    if (!isProvenFrom(last, state)) {
      absorb(List.of(new SegmentSponge(geometry, last, state)), source, buffer);
      if (!MessageDigest.isEqual(digest(last, state, source, buffer), manifest.image().digest())) {
        return Optional.empty();
      }
    }
    return Optional.of(new VerifiedImage(manifest.withCheckpoints(states)));
  }

  private boolean isProvenFrom(int segment, long[] trueState) {
    return isVerified(segment) && Arrays.equals(trueState, manifest.checkpoint(segment));
  }

  /**
   * Hashes bytes of which there is no manifest, all of them in order, and makes it: the proof if
   * they hash to the image's id.
   */
  public static Optional<VerifiedImage> verifyInOrder(
      ImageId image, long sizeBytes, SegmentHasher hasher, SegmentSource source, ByteBuffer buffer)
      throws IOException {
    ManifestBuilder builder = new ManifestBuilder(image.algorithm(), sizeBytes, hasher);
    for (long at = 0; at < sizeBytes; ) {
      int count = (int) Math.min(buffer.capacity(), sizeBytes - at);
      source.read(at, buffer.clear().limit(count));
      builder.update(buffer.flip());
      at += count;
    }
    VerifiedImage made = imported(builder);
    return made.manifest().image().equals(image) ? Optional.of(made) : Optional.empty();
  }

  /**
   * For an image that this process hashed itself: its id is what came out. Finishes the builder.
   */
  public static VerifiedImage imported(ManifestBuilder builder) {
    return new VerifiedImage(builder.finish());
  }
}
