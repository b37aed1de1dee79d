package dev.gvmi.node.registry;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the registry face keeps in the data directory: tags, and uploads that are not finished, in
 * {@code uploads/}. The cache's rules look at it too: what a tag points to is not evicted, and what
 * has come of an upload takes room.
 *
 * <p><b>Thread:</b> any.
 */
public final class RegistryState {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryState.class);

  private final Names names;
  private final Path folder;
  private final Map<DescriptorId, Upload> uploads = new ConcurrentHashMap<>();

  private RegistryState(Names names, Path folder) {
    this.names = names;
    this.folder = folder;
  }

  /** That of a data directory, which this process holds. */
  public static RegistryState open(Path dataDir) {
    return open(dataDir, RegistryLimits.DEFAULT);
  }

  static RegistryState open(Path dataDir, RegistryLimits limits) {
    RegistryState state =
        new RegistryState(Names.open(dataDir, limits), dataDir.resolve("uploads"));
    try {
      state.resume(limits);
    } catch (IOException | DirectoryIteratorException e) {
      throw new StoreException(
          StoreException.Kind.IO, "read the uploads in " + state.folder + ": " + e.getMessage(), e);
    }
    return state;
  }

  private void resume(RegistryLimits limits) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder)) {
      for (Path each : folders) {
        Optional<DescriptorId> id = DescriptorId.parse(String.valueOf(each.getFileName()));
        if (id.isPresent() && folder(id.get()).equals(each)) {
          resume(each, id.get(), limits);
        }
      }
    }
  }

  private void resume(Path each, DescriptorId id, RegistryLimits limits) {
    try {
      Optional<Upload> upload = Upload.resume(each, id, limits);
      if (upload.isPresent()) {
        uploads.put(id, upload.get());
      } else {
        Upload.delete(each);
      }
    } catch (IOException e) {
      LOG.warn("the upload in {} is left alone: {}", each, e.toString());
    }
  }

  Names names() {
    return names;
  }

  Path folder(DescriptorId id) {
    return folder.resolve(id.hex());
  }

  Map<DescriptorId, Upload> uploads() {
    return uploads;
  }

  /** Whether a tag of this node points to the image. */
  public boolean isTagged(ImageId image) {
    return names.isTagged(image);
  }

  /** What has come of images that are being pushed. */
  public Map<ImageId, Long> uploadedBytes() {
    Map<ImageId, Long> bytes = new HashMap<>();
    uploads
        .values()
        .forEach(upload -> bytes.merge(upload.descriptor().image(), upload.bytes(), Long::sum));
    return bytes;
  }
}
