package dev.gvmi.node.oci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What both kinds of archives have in common: choosing one of several images, and the layers that a
 * configuration names.
 */
final class Named {
  private static final int MAX_SHOWN = 100;

  private Named() {}

  static String shown(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() > MAX_SHOWN ? clean.substring(0, MAX_SHOWN) + "..." : clean;
  }

  /** The only image there is, when none was named. */
  static JsonNode only(JsonNode images, @Nullable String tag, List<String> tags)
      throws InvalidSourceException {
    if (tag != null) {
      throw new InvalidSourceException("the source has no image " + tag + ", but " + all(tags));
    }
    if (images.size() != 1) {
      throw new InvalidSourceException(
          "the source has " + images.size() + " images: choose one with --tag, of " + all(tags));
    }
    return images.path(0);
  }

  private static String all(List<String> tags) {
    return tags.isEmpty() ? "none with a name" : shown(String.join(", ", tags));
  }

  static List<Digest> diffIds(JsonNode config, SourceLimits limits) throws InvalidSourceException {
    JsonNode ids = config.path("rootfs").path("diff_ids");
    if (!config.isObject() || !ids.isArray()) {
      throw new InvalidSourceException(
          "the image's configuration names no layers (rootfs.diff_ids)");
    }
    if (ids.size() > limits.maxLayers()) {
      throw new InvalidSourceException(
          "the image has " + ids.size() + " layers, more than " + limits.maxLayers());
    }
    List<Digest> all = new ArrayList<>();
    for (JsonNode id : ids) {
      all.add(Digest.parse(id.asString("")));
    }
    return all;
  }

  static String layer(int index, Digest digest) {
    return "layer " + (index + 1) + " (" + digest.hex().substring(0, 12) + ")";
  }
}
