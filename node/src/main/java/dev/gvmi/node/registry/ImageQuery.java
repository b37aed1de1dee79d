package dev.gvmi.node.registry;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which image a client asks for: by its hash or by a tag. Pure.
 *
 * <p><b>Source:</b> yapapi, golem-js, golem-sdk-cli, ray-on-golem: {@code tag=user/repo:tag},
 * encoded or not, or {@code hash=<sha3>}, beside {@code count}, {@code dev}, {@code https} and
 * empty parameters, which say nothing here.
 */
public sealed interface ImageQuery {
  record ByHash(ImageId image) implements ImageQuery {}

  record ByTag(ImageRef.Tag tag) implements ImageQuery {
    /** As it is written. */
    public String text() {
      return tag.user() + "/" + tag.repository() + ":" + tag.tag();
    }
  }

  /**
   * Reads the query of a URL; {@link IllegalArgumentException} says in one line what is wrong with
   * it.
   */
  static ImageQuery parse(String query) {
    List<ImageQuery> asked = new ArrayList<>();
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
      switch (equals < 0 ? parameter : parameter.substring(0, equals)) {
        case "tag" -> asked.add(tag(value));
        case "hash" -> asked.add(new ByHash(ImageId.parseHex(value)));
        default -> {} // what is counted elsewhere
      }
    }
    if (asked.size() != 1) {
      throw new IllegalArgumentException(
          "give one of tag=user/repo:tag and hash=<sha3>, not " + asked.size() + " of them");
    }
    return asked.getFirst();
  }

  private static ByTag tag(String text) {
    if (text.indexOf('/') >= 0 && ImageRef.parse(text) instanceof ImageRef.Tag tag) {
      return new ByTag(tag);
    }
    throw new IllegalArgumentException("a tag is written user/repo:tag");
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the query is not encoded as a URL's is", e);
    }
  }
}
