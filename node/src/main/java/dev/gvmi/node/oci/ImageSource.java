package dev.gvmi.node.oci;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An image that was opened: its configuration, and its layers from the lowest up. Closing it
 * deletes what was spooled.
 *
 * <p><b>Thread:</b> one.
 */
public final class ImageSource implements AutoCloseable {
  private final JsonNode config;
  private final String configDigest;
  private final List<EntrySource> layers;
  private final @Nullable FileChannel archive;
  private final @Nullable Path spooled;

  ImageSource(Found found, @Nullable FileChannel archive, @Nullable Path spooled) {
    this.config = found.config;
    this.configDigest = found.configDigest;
    this.layers = List.copyOf(found.layers);
    this.archive = archive;
    this.spooled = spooled;
  }

  /**
   * What was found in an archive or a folder.
   *
   * @param configDigest hex, the id of the image; empty if nothing has one
   */
  record Found(JsonNode config, String configDigest, List<EntrySource> layers) {}

  /** The OCI image configuration, an object, empty where there was none. */
  public JsonNode config() {
    return config;
  }

  /** What engines call the image's id: hex digits, or empty for a root file system. */
  public String configDigest() {
    return configDigest;
  }

  public List<EntrySource> layers() {
    return layers;
  }

  /** Bytes of the layers as they are stored. */
  public long storedBytes() {
    return layers.stream().mapToLong(EntrySource::storedBytes).sum();
  }

  @Override
  public void close() throws IOException {
    try {
      if (archive != null) {
        archive.close();
      }
    } finally {
      if (spooled != null) {
        Files.deleteIfExists(spooled);
      }
    }
  }
}
