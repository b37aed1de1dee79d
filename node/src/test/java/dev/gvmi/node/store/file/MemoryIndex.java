package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An index in memory that can be made to fail, and shows each progress row as it comes. */
final class MemoryIndex implements StoreIndex {
  private final Map<ImageId, ImageRow> images = new ConcurrentHashMap<>();
  private final Map<ImageId, ProgressRow> progress = new ConcurrentHashMap<>();
  private final Map<ImageId, UseRow> uses = new ConcurrentHashMap<>();
  private final MemorySpanTable spans = new MemorySpanTable();
  private volatile Consumer<ProgressRow> onProgress = row -> {};
  private volatile StoreException.@Nullable Kind failing;

  void failing(boolean fails) {
    failing = fails ? StoreException.Kind.IO : null;
  }

  /** As a full disk does. */
  void full(boolean full) {
    failing = full ? StoreException.Kind.NO_SPACE : null;
  }

  void onProgress(Consumer<ProgressRow> sink) {
    onProgress = sink;
  }

  @Override
  public List<ImageRow> images() {
    return List.copyOf(images.values());
  }

  @Override
  public List<ProgressRow> allProgress() {
    return List.copyOf(progress.values());
  }

  @Override
  public Optional<ProgressRow> progress(ImageId image) {
    return Optional.ofNullable(progress.get(image));
  }

  @Override
  public void putImage(ImageRow row) {
    failIfTold();
    images.put(row.image(), row);
    progress.remove(row.image());
  }

  @Override
  public void putProgress(ProgressRow row) {
    onProgress.accept(row);
    failIfTold();
    progress.put(row.image(), row);
  }

  @Override
  public List<UseRow> uses() {
    return List.copyOf(uses.values());
  }

  @Override
  public void putUse(UseRow row) {
    failIfTold();
    uses.put(row.image(), row);
  }

  @Override
  public void removeUse(ImageId image) {
    failIfTold();
    uses.remove(image);
  }

  @Override
  public void removeImage(ImageId image) {
    failIfTold();
    images.remove(image);
  }

  @Override
  public void removeProgress(ImageId image) {
    failIfTold();
    progress.remove(image);
  }

  @Override
  public MemorySpanTable spans() {
    return spans;
  }

  @Override
  public void close() {}

  private void failIfTold() {
    StoreException.Kind kind = failing;
    if (kind != null) {
      throw new StoreException(kind, "the index fails");
    }
  }
}
