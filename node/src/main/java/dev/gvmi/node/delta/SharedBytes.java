package dev.gvmi.node.delta;

import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.DeltaIndexBuilder;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells how much of an image lies in others that are held, and would not be fetched where they are.
 *
 * <p><b>Thread:</b> any; reads the file whole if the image has no delta index here.
 */
public final class SharedBytes {
  private static final int BLOCK_BYTES = 1 << 20;

  private final DeltaStore deltas;

  public SharedBytes(ImageStore store) {
    this.deltas = store.deltas();
  }

  /**
   * Bytes; null for an image that has no delta index, as it would be too long. {@link
   * StoreException} if the file cannot be read.
   */
  public @Nullable Long of(ImageId image, Path file) {
    Optional<DeltaIndex> index = deltas.index(image);
    try {
      return index.or(() -> read(image, file)).map(new HeldSpans(deltas)::sharedBytes).orElse(null);
    } catch (IllegalStateException e) {
      throw new StoreException(
          StoreException.Kind.IO, "cannot read " + file + ": it changed meanwhile", e);
    }
  }

  private static Optional<DeltaIndex> read(ImageId image, Path file) {
    try (FileChannel in = FileChannel.open(file)) {
      DeltaIndexBuilder builder = new DeltaIndexBuilder(image, in.size());
      ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
      while (in.read(block.clear()) >= 0) {
        builder.update(block.flip());
      }
      return builder.finish();
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Kind.IO, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
