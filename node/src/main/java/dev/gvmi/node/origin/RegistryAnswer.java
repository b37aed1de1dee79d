package dev.gvmi.node.origin;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageRefException;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a registry knows of an image.
 *
 * <p><b>Source:</b> the registry's clients: a JSON object with {@code http}, {@code https}, {@code
 * sha3} and {@code size}, and perhaps more.
 *
 * @param http where the image is, by http; null if it does not say
 * @param https where it is by https; null if it does not say
 * @param sizeBytes {@link OriginBody#UNKNOWN} if it does not say
 */
public record RegistryAnswer(
    ImageId image, @Nullable OriginUrl http, @Nullable OriginUrl https, long sizeBytes) {
  public RegistryAnswer {
    if (http == null && https == null) {
      throw new IllegalArgumentException("its answer has no URL");
    }
  }

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
    return new RegistryAnswer(
        image(root), url(root, "http"), url(root, "https"), size(root.path("size")));
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

  private static @Nullable OriginUrl url(JsonNode root, String key) {
    JsonNode url = root.path(key);
    return url.isString() && !url.asString("").isEmpty() ? OriginUrl.parse(url.asString("")) : null;
  }

  /** Where the image is, by https where it can be had so. */
  public OriginUrl url() {
    return urlOr("https");
  }

  /** Where it is by this scheme; by the other one if there is none. */
  public OriginUrl urlOr(String scheme) {
    OriginUrl first = scheme.equals("https") ? https : http;
    return first != null ? first : Objects.requireNonNull(scheme.equals("https") ? http : https);
  }

  private static long size(JsonNode size) {
    boolean isSize = size.isIntegralNumber() && size.canConvertToLong();
    long bytes = isSize ? size.longValue() : OriginBody.UNKNOWN;
    return bytes >= 1 && bytes <= Geometry.MAX_SIZE_BYTES ? bytes : OriginBody.UNKNOWN;
  }
}
