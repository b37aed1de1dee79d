package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The index of the store. Each change is one synced write: on return it has survived a power loss,
 * and no half of it is ever seen. A row that cannot be read counts as absent (the files are the
 * truth, and are looked at again).
 *
 * <p><b>Thread:</b> any thread of the store. <b>Errors:</b> {@link
 * dev.gvmi.node.store.StoreException}.
 */
public interface StoreIndex extends AutoCloseable {
  /** Opens the index in a folder, making it where there is none. */
  @FunctionalInterface
  interface Opener {
    StoreIndex open(Path folder);
  }

  List<ImageRow> images();

  List<ProgressRow> allProgress();

  Optional<ProgressRow> progress(ImageId image);

  /** Writes the row of a complete image and, in the same batch, forgets its progress. */
  void putImage(ImageRow row);

  void putProgress(ProgressRow row);

  List<UseRow> uses();

  void putUse(UseRow row);

  /** Forgets how much an image is wanted; nothing if that is not known. */
  void removeUse(ImageId image);

  /** Forgets the complete image; nothing if there is none. */
  void removeImage(ImageId image);

  /** Forgets the progress; nothing if there is none. */
  void removeProgress(ImageId image);

  /** Where spans of images lie: rows that are no loss, as they can be made again. */
  SpanTable spans();

  @Override
  void close();
}
