package dev.gvmi.node.gateway;

import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.protocol.image.ImageId;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What the target of a request names. Names of files in it are for the client: none is looked for. Pure. */
sealed interface Route {
  /**
   * An image.
   *
   * @param origin where it is to be had if nobody else has it
   */
  record Image(ImageId image, Optional<OriginUrl> origin) implements Route {}

  /** What is counted. */
  record Metrics() implements Route {}

  /** Whether the process answers. */
  record Live() implements Route {}

  /** Whether the node can do its work. */
  record Ready() implements Route {}

  /** Nothing that there is. */
  record Unknown(String why) implements Route {}

  /** Reads the target of a request, path and query. */
  static Route of(String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question + 1);
    return switch (path) {
      case "/metrics" -> new Metrics();
      case "/health/live" -> new Live();
      case "/health/ready" -> new Ready();
      default -> image(path, query);
    };
  }

  private static Route image(String path, String query) {
    List<String> segments = List.of(path.split("/", -1));
    boolean image = segments.size() >= 2 && segments.get(1).equals("image");
    boolean fetch = segments.size() == 4 && segments.get(1).equals("fetch");
    if (!segments.getFirst().isEmpty()
        || !(fetch || (image && (segments.size() == 3 || segments.size() == 4)))) {
      return new Unknown("there is nothing at this path");
    }
    try {
      ImageId id = ImageId.parseHex(segments.get(2));
      return new Image(id, fetch ? origin(query) : Optional.empty());
    } catch (IllegalArgumentException e) {
      return new Unknown(String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", "?"));
    }
  }

  /** The first "origin" of a query. */
  private static Optional<OriginUrl> origin(String query) {
    for (String parameter : query.split("&", -1)) {
      if (parameter.startsWith("origin=")) {
        String text =
            URLDecoder.decode(parameter.substring("origin=".length()), StandardCharsets.UTF_8);
        return Optional.of(OriginUrl.parse(text));
      }
    }
    return Optional.empty();
  }
}
