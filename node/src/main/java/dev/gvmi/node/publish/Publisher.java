package dev.gvmi.node.publish;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * Takes a file into the store: one pass that checks, hashes and copies. The file stays as it is.
 *
 * <p><b>Thread:</b> any; an interrupt ends it with {@link
 * java.nio.channels.ClosedByInterruptException} and leaves nothing behind.
 */
public final class Publisher {
  private static final DigestAlgorithm ALGORITHM = DigestAlgorithm.SHA3_224;

  private final ImageStore store;
  private final SegmentHasher hasher;
  private final Space space;

  /** A publisher that imports as far as there is space. */
  public Publisher(ImageStore store, SegmentHasher hasher, Space space) {
    this.store = store;
    this.hasher = hasher;
    this.space = space;
  }

  /** What was published, and whether it was in the store before. */
  public record Published(StoredImage image, boolean alreadyHeld) {}

  /**
   * Publishes a file.
   *
   * @param progress is told how many bytes are done
   * @throws InvalidImageException if the runtime could not run it: no squashfs, truncated, or
   *     without a trailer; or if it changed while it was read
   * @throws StoreException of kind NO_SPACE, before anything is written, if there is no room for it
   * @throws IOException if it cannot be read, or the copy cannot be written
   */
  public Published publish(Path file, LongConsumer progress)
      throws IOException, InvalidImageException {
    try (ImageFile image = ImageFile.open(file)) {
      image.header();
      image.trailer();
      Space.Reservation room = room(file, image.sizeBytes());
      try (room) {
        return take(image, progress);
      }
    }
  }

  /**
   * Publishes a file of this node's own, which moves into the store; the room for it is the
   * caller's. On any fault the file stays where it is.
   *
   * @throws InvalidImageException as {@link #publish}; and if the file is another image than is
   *     expected
   */
  public Published takeOver(Path file, ImageId expected) throws IOException, InvalidImageException {
    VerifiedImage proof;
    try (ImageFile image = ImageFile.open(file)) {
      image.header();
      image.trailer();
      proof = image.hash(ALGORITHM, hasher, piece -> {});
    }
    ImageId found = proof.manifest().image();
    if (!found.equals(expected)) {
      throw new InvalidImageException("its SHA3 is " + found + ", not " + expected);
    }
    boolean held = store.image(found).isPresent();
    Path ours = store.newImportFile();
    Files.move(file, ours, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try {
      return new Published(store.adopt(ours, proof), held);
    } finally {
      if (Files.exists(ours)) {
        Files.move(ours, file, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private Space.Reservation room(Path file, long sizeBytes) {
    return switch (space.forFile(sizeBytes + manifestBytes(sizeBytes))) {
      case Space.Answer.Granted granted -> granted.reservation();
      case Space.Answer.Refused refused ->
          throw new StoreException(
              StoreException.Kind.NO_SPACE,
              "cannot publish " + file + ": it has " + sizeBytes + " bytes, but " + refused.why());
    };
  }

  private static long manifestBytes(long sizeBytes) {
    boolean possible = sizeBytes >= 1 && sizeBytes <= Geometry.MAX_SIZE_BYTES;
    return possible ? new Geometry(ALGORITHM, sizeBytes).manifestBytes() : 0;
  }

  private Published take(ImageFile image, LongConsumer progress)
      throws IOException, InvalidImageException {
    Path copy = store.newImportFile();
    try {
      VerifiedImage proof = copy(image, copy, progress);
      boolean held = store.image(proof.manifest().image()).isPresent();
      return new Published(store.adopt(copy, proof), held);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private VerifiedImage copy(ImageFile image, Path copy, LongConsumer progress)
      throws IOException, InvalidImageException {
    try (FileChannel out = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      return image.hash(
          ALGORITHM,
          hasher,
          piece -> {
            write(out, piece);
            progress.accept(out.position());
          });
    }
  }

  private static void write(FileChannel out, ByteBuffer piece) throws IOException {
    while (piece.hasRemaining()) {
      out.write(piece);
    }
  }
}
