package dev.gvmi.node.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The names that images have at this node: tags, and descriptors by which they were pushed. In
 * {@code registry.json} of the data directory, written anew for each change, which is durable on
 * return.
 *
 * <p><b>Thread:</b> any; changes block for the disk.
 */
final class Names {
  private static final Logger LOG = LoggerFactory.getLogger(Names.class);
  private static final String FILE = "registry.json";
  private static final int MAX_BYTES = 16 << 20;

  private final Path file;
  private final RegistryLimits limits;

  @GuardedBy("this")
  private final Map<String, ImageId> tags = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<DescriptorId, Pushed> descriptors = new LinkedHashMap<>();

  /** An image that came by a descriptor. */
  record Pushed(ImageId image, int chunks) {}

  private Names(Path file, RegistryLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  /** Those of a data directory. What is there and cannot be read is kept under another name. */
  static Names open(Path dataDir, RegistryLimits limits) {
    Names names = new Names(dataDir.resolve(FILE), limits);
    try {
      if (Files.exists(names.file) && !names.read()) {
        Path aside = dataDir.resolve(FILE + ".damaged");
        Files.move(names.file, aside, StandardCopyOption.REPLACE_EXISTING);
        LOG.warn("tags are lost: {} was no file of tags, and is {} now", names.file, aside);
      }
    } catch (IOException e) {
      throw StoreException.of("read the tags of " + names.file, e);
    }
    return names;
  }

  private synchronized boolean read() throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      return false;
    }
    try {
      JsonNode root = JsonMapper.shared().readTree(Files.readAllBytes(file));
      for (Map.Entry<String, JsonNode> tag : root.path("tags").properties()) {
        tags.put(tag.getKey(), ImageId.parseHex(tag.getValue().asString("")));
      }
      for (Map.Entry<String, JsonNode> known : root.path("descriptors").properties()) {
        JsonNode pushed = known.getValue();
        descriptors.put(
            new DescriptorId(known.getKey()),
            new Pushed(
                ImageId.parseHex(pushed.path("image").asString("")),
                pushed.path("chunks").asInt(0)));
      }
      return root.isObject();
    } catch (JacksonException | IllegalArgumentException e) {
      tags.clear();
      descriptors.clear();
      return false;
    }
  }

  @GuardedBy("this")
  private void write() {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ObjectNode named = root.putObject("tags");
    tags.forEach((tag, image) -> named.put(tag, image.hex()));
    ObjectNode pushed = root.putObject("descriptors");
    descriptors.forEach((id, known) ->
        pushed.putObject(id.hex()).put("image", known.image().hex()).put("chunks", known.chunks()));
    try {
      Durable.write(file, JsonMapper.shared().writeValueAsBytes(root));
    } catch (IOException e) {
      throw StoreException.of("write the tags to " + file, e);
    }
  }

  /** What a tag points to. */
  synchronized Optional<ImageId> image(String tag) {
    return Optional.ofNullable(tags.get(tag));
  }

  synchronized boolean isTagged(ImageId image) {
    return tags.containsValue(image);
  }

  /** Whether there is room for another tag, or it is there. */
  synchronized boolean mayTag(String tag) {
    return tags.containsKey(tag) || tags.size() < limits.tags();
  }

  /** Points a tag to an image, wherever it pointed before. */
  synchronized void tag(String tag, ImageId image) {
    ImageId before = tags.put(tag, image);
    try {
      write();
    } catch (StoreException e) {
      if (before == null) {
        tags.remove(tag);
      } else {
        tags.put(tag, before);
      }
      throw e;
    }
  }

  synchronized Optional<Pushed> pushed(DescriptorId id) {
    return Optional.ofNullable(descriptors.get(id));
  }

  /**
   * Remembers by which descriptor an image came; the oldest is forgotten where there are too many.
   */
  synchronized void pushed(DescriptorId id, Pushed image) {
    if (image.equals(descriptors.get(id))) {
      return;
    }
    descriptors.remove(id);
    descriptors.put(id, image);
    if (descriptors.size() > limits.descriptors()) {
      descriptors.remove(descriptors.keySet().iterator().next());
    }
    write();
  }
}
