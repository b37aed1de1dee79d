package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.DeltaIndexBuilder;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether index and files of a data directory agree, however its last process ended: what the index
 * says is hashed anew, byte for byte as it would be served, and each file is one the index knows.
 *
 * @param complete images that are held whole
 * @param partial the chunks that are held of each image in the making
 */
record StoreCheck(Set<ImageId> complete, Map<ImageId, BitSet> partial) {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Opens the store of a directory that no process holds, as the next process would. */
  static StoreCheck of(Path dataDir) throws IOException {
    Set<ImageId> complete = new HashSet<>();
    Map<ImageId, BitSet> partial = new HashMap<>();
    try (ImageStore store = RocksImageStore.open(dataDir, InstantSource.system())) {
      for (StoredImage image : store.images()) {
        assertIsWhatItIsCalled(image);
        assertSpansAreItsOwn(image, store.deltas());
        complete.add(image.id());
      }
      for (PartialImage part : store.partials()) {
        assertHoldsWhatItSays(part);
        partial.put(part.manifest().image(), part.chunks());
      }
      assertThat(Collections.disjoint(partial.keySet(), complete)).isTrue();
    }
    assertThat(names(complete, ".delta")).containsAll(deltas(dataDir.resolve("images")));
    assertThat(files(dataDir.resolve("images"))).isEqualTo(names(complete, ".gvmi"));
    assertThat(files(dataDir.resolve("partial"))).isEqualTo(names(partial.keySet(), ".part"));
    assertThat(dataDir.resolve("import")).isEmptyDirectory();
    return new StoreCheck(complete, partial);
  }

  /** How many bytes are held of an image in the making. */
  long heldBytes(ImageId image, long sizeBytes) {
    Geometry geometry = new Geometry(image.algorithm(), sizeBytes);
    return partial.getOrDefault(image, new BitSet()).stream()
        .mapToLong(geometry::chunkLength)
        .sum();
  }

  private static void assertIsWhatItIsCalled(StoredImage image) throws IOException {
    Manifest manifest = image.manifest();
    long size = manifest.geometry().sizeBytes();
    assertThat(Files.size(image.file())).isEqualTo(size);
    ManifestBuilder builder =
        new ManifestBuilder(image.id().algorithm(), size, new ScalarSegmentHasher());
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    for (long offset = 0; offset < size; offset += buffer.limit()) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - offset));
      image.read(offset, buffer);
      builder.update(buffer.flip());
    }
    assertThat(builder.finish()).isEqualTo(manifest);
    assertThat(manifest.image()).isEqualTo(image.id());
  }

  /**
   * The delta index is that of the bytes, if there is one; and where all spans are said to be
   * entered, each is found where it is.
   */
  private static void assertSpansAreItsOwn(StoredImage image, DeltaStore deltas) {
    Optional<DeltaIndex> kept = deltas.index(image.id());
    boolean whole = !deltas.missing().contains(image.id());
    if (kept.isEmpty()) {
      assertThat(whole).isFalse();
      return;
    }
    long size = image.manifest().geometry().sizeBytes();
    DeltaIndexBuilder builder = new DeltaIndexBuilder(image.id(), size);
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    for (long offset = 0; offset < size; offset += buffer.limit()) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - offset));
      image.read(offset, buffer);
      builder.update(buffer.flip());
    }
    assertThat(kept).isEqualTo(builder.finish());
    for (Span span : kept.get()) {
      SpanPlace place = new SpanPlace(image.id(), span.offsetBytes(), span.lengthBytes());
      List<SpanPlace> found = deltas.places(List.of(span.id())).getFirst();
      assertThat(!whole || found.contains(place)).isTrue();
    }
  }

  private static void assertHoldsWhatItSays(PartialImage part) throws IOException {
    Geometry geometry = part.manifest().geometry();
    ImageVerifier verifier =
        new ImageVerifier(part.manifest(), new ScalarSegmentHasher(), new BitSet());
    for (int chunk : part.chunks().stream().toArray()) {
      ByteBuffer bytes = ByteBuffer.allocate(geometry.chunkLength(chunk));
      part.read(geometry.chunkOffset(chunk), bytes);
      assertThat(verifier.verify(new UnverifiedChunk(chunk, bytes.flip())))
          .as("chunk %d of %s", chunk, part.manifest().image())
          .isInstanceOf(VerifiedChunk.class);
    }
    for (int segment : part.verifiedSegments().stream().toArray()) {
      assertThat(verifier.verifySegment(segment, part::read, ByteBuffer.allocate(BUFFER_BYTES)))
          .as("segment %d of %s", segment, part.manifest().image())
          .isTrue();
    }
  }

  private static Set<String> names(Set<ImageId> images, String suffix) {
    return images.stream()
        .flatMap(image -> Stream.of(image.hex() + suffix, image.hex() + ".manifest"))
        .collect(Collectors.toSet());
  }

  /** All names but those of delta indexes, which an image may have or not. */
  private static Set<String> files(Path folder) throws IOException {
    Set<String> names = allFiles(folder);
    names.removeIf(name -> name.endsWith(".delta"));
    return names;
  }

  private static Set<String> deltas(Path folder) throws IOException {
    Set<String> names = allFiles(folder);
    names.removeIf(name -> !name.endsWith(".delta"));
    return names;
  }

  private static Set<String> allFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> String.valueOf(file.getFileName()))
          .collect(Collectors.toCollection(HashSet::new));
    }
  }
}
