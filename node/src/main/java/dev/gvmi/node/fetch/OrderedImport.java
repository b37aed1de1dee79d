package dev.gvmi.node.fetch;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.SegmentSource;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * An image that comes in order and without a manifest: what is written is hashed behind the writer,
 * so that the proof is there soon after the last byte.
 *
 * <p><b>Thread:</b> one appends and ends it; {@link Arriving} is any thread's.
 */
final class OrderedImport implements Arriving, AutoCloseable {
  private static final int READ_BYTES = 1 << 20;

  private final ImageId image;
  private final ImageStore store;
  private final SegmentHasher hasher;
  private final GrowingFile file;

  /** Null until the size is known. */
  private @Nullable FutureTask<Optional<VerifiedImage>> hashing;

  private volatile long totalBytes;
  private volatile @Nullable StoredImage stored;

  /** Of a new file; {@code totalBytes} is negative if nobody knows. */
  OrderedImport(ImageId image, ImageStore store, SegmentHasher hasher, long totalBytes)
      throws IOException {
    this.image = image;
    this.store = store;
    this.hasher = hasher;
    this.totalBytes = totalBytes;
    this.file = new GrowingFile(store.newImportFile());
    if (totalBytes > 0) {
      hashing = hash(totalBytes);
    }
  }

  private FutureTask<Optional<VerifiedImage>> hash(long bytes) {
    SegmentSource source =
        (offset, target) -> {
          file.await(offset + target.remaining());
          file.read(offset, target);
        };
    FutureTask<Optional<VerifiedImage>> task =
        new FutureTask<>(() ->
            ImageVerifier.verifyInOrder(
                image, bytes, hasher, source, ByteBuffer.allocateDirect(READ_BYTES)));
    Thread.ofPlatform().daemon().name("hash-in-order").start(task);
    return task;
  }

  /** What is here. */
  long bytes() {
    return file.sizeBytes();
  }

  void append(byte[] bytes, int length) throws IOException {
    file.append(bytes, length);
  }

  /**
   * Nothing more comes: the image is taken into the store if it is the one that was asked for;
   * empty if it is not.
   */
  Optional<StoredImage> finish() throws IOException, InterruptedException {
    long bytes = file.sizeBytes();
    if (bytes == 0 || (totalBytes > 0 && totalBytes != bytes)) {
      return Optional.empty();
    }
    totalBytes = bytes;
    FutureTask<Optional<VerifiedImage>> task = hashing == null ? hash(bytes) : hashing;
    hashing = task;
    Optional<VerifiedImage> proof = proof(task);
    proof.ifPresent(verified -> stored = store.adopt(file.path(), verified));
    return Optional.ofNullable(stored);
  }

  private static Optional<VerifiedImage> proof(FutureTask<Optional<VerifiedImage>> task)
      throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException fault -> throw fault;
        case null, default -> throw new IllegalStateException("hashing failed", e);
      }
    }
  }

  @Override
  public long sizeBytes() {
    return totalBytes;
  }

  @Override
  public long availableBytes(long offsetBytes) {
    return offsetBytes < 0 ? 0 : Math.max(0, file.sizeBytes() - offsetBytes);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    StoredImage complete = stored;
    if (complete != null) {
      complete.read(offsetBytes, target);
      return;
    }
    try {
      file.read(offsetBytes, target);
    } catch (IOException e) {
      throw StoreException.of("read what has come of image " + image, e);
    }
  }

  /** Closes the file, and deletes it unless it became the image. Idempotent. */
  @Override
  public void close() throws IOException {
    file.close();
    FutureTask<Optional<VerifiedImage>> task = hashing;
    if (task != null) {
      task.cancel(true);
    }
    if (stored == null) {
      Files.deleteIfExists(file.path());
    }
  }
}
