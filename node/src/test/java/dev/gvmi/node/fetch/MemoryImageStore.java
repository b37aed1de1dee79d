package dev.gvmi.node.fetch;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One image as a peer claims to hold it; what it really reads is up to the test. */
final class MemoryImageStore implements ImageStore {
  private final StoredImage image;

  /** What a peer answers for the bytes of its image. */
  @FunctionalInterface
  interface Source {
    void read(long offsetBytes, ByteBuffer target);
  }

  MemoryImageStore(Manifest manifest, Source source) {
    this.image = new Claimed(manifest, source);
  }

  /** Reads what is true. */
  static Source honest(byte[] bytes) {
    return (offset, target) -> target.put(bytes, (int) offset, target.remaining());
  }

  private record Claimed(Manifest manifest, Source source) implements StoredImage {
    @Override
    public ImageId id() {
      return manifest.image();
    }

    @Override
    public Path file() {
      throw new IllegalStateException("no file behind this image");
    }

    @Override
    public Instant completedAt() {
      return Instant.EPOCH;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer... targets) {
      long at = offsetBytes;
      for (ByteBuffer target : targets) {
        int count = target.remaining();
        source.read(at, target);
        at += count;
      }
    }
  }

  @Override
  public Optional<StoredImage> image(ImageId id) {
    return id.equals(image.id()) ? Optional.of(image) : Optional.empty();
  }

  @Override
  public List<StoredImage> images() {
    return List.of(image);
  }

  @Override
  public Optional<PartialImage> partial(ImageId id) {
    return Optional.empty();
  }

  @Override
  public List<PartialImage> partials() {
    return List.of();
  }

  @Override
  public PartialImage openPartial(Manifest manifest) {
    throw new IllegalStateException("this peer fetches nothing");
  }

  @Override
  public StoredImage complete(PartialImage partial, VerifiedImage proof) {
    throw new IllegalStateException("this peer fetches nothing");
  }

  @Override
  public Path newImportFile() {
    throw new IllegalStateException("this peer imports nothing");
  }

  @Override
  public StoredImage adopt(Path importFile, VerifiedImage proof) {
    throw new IllegalStateException("this peer imports nothing");
  }

  @Override
  public boolean remove(ImageId id) {
    return false;
  }

  @Override
  public void close() {
    // nothing is open
  }
}
