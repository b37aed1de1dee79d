package dev.gvmi.node.origin;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageRefException;
import dev.gvmi.protocol.manifest.Geometry;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a registry knows of an image.
 *
 * <p><b>Source:</b> the registry's clients: a JSON object with {@code http}, {@code https}, {@code
 * sha3} and {@code size}, and perhaps more.
 *
 * @param url where the image is
 * @param sizeBytes {@link OriginBody#UNKNOWN} if it does not say
 */
public record RegistryAnswer(ImageId image, OriginUrl url, long sizeBytes) {
  /** Reads an answer; {@link IllegalArgumentException} says in one line what is wrong with it. */
  static RegistryAnswer parse(byte[] json) {
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("its answer is no JSON", e);
    }
    if (root == null || !root.isObject()) {
      throw new IllegalArgumentException("its answer is no JSON object");
    }
    return new RegistryAnswer(image(root), url(root), size(root.path("size")));
  }

  private static ImageId image(JsonNode root) {
    JsonNode sha3 = root.path("sha3");
    if (!sha3.isString()) {
      throw new IllegalArgumentException("its answer has no hash");
    }
    try {
      return ImageId.parseHex(sha3.asString(""));
    } catch (InvalidImageRefException e) {
      throw new IllegalArgumentException("its answer has no hash of an image", e);
    }
  }

  /** By https where it can be had so. */
  private static OriginUrl url(JsonNode root) {
    for (String key : new String[] {"https", "http"}) {
      JsonNode url = root.path(key);
      if (url.isString() && !url.asString("").isEmpty()) {
        return OriginUrl.parse(url.asString(""));
      }
    }
    throw new IllegalArgumentException("its answer has no URL");
  }

  private static long size(JsonNode size) {
    boolean isSize = size.isIntegralNumber() && size.canConvertToLong();
    long bytes = isSize ? size.longValue() : OriginBody.UNKNOWN;
    return bytes >= 1 && bytes <= Geometry.MAX_SIZE_BYTES ? bytes : OriginBody.UNKNOWN;
  }
}
