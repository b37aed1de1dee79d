package dev.gvmi.node.gateway;

import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.registry.DescriptorId;
import dev.gvmi.protocol.image.ImageId;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What the target of a request names. Names of files in it are for the client: none is looked for.
 * Pure.
 */
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

  /** What a registry is asked, see {@code node.registry}. */
  sealed interface OfRegistry extends Route {}

  /** Where an image is to be had. */
  record Info(String query) implements OfRegistry {}

  /** An image, by what names it in the query. */
  record Download(String query) implements OfRegistry {}

  /** An image, by the descriptor with which it was pushed. */
  record Pushed(DescriptorId descriptor) implements OfRegistry {}

  /** What has come of an upload. */
  record Status(DescriptorId descriptor) implements OfRegistry {}

  /** To give an image a tag. */
  record Attach(DescriptorId descriptor) implements OfRegistry {}

  record PushDescriptor() implements OfRegistry {}

  record PushChunk() implements OfRegistry {}

  record Login() implements OfRegistry {}

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
      case "/v1/image/info" -> new Info(query);
      case "/v1/image/download" -> new Download(query);
      case "/v1/image/push/descr" -> new PushDescriptor();
      case "/v1/image/push/chunk" -> new PushChunk();
      case "/auth/pat/login" -> new Login();
      default -> named(path).orElseGet(() -> image(path, query));
    };
  }

  /** By a descriptor, or an image by its hash where the registry has it. */
  private static Optional<Route> named(String path) {
    String last = path.substring(path.lastIndexOf('/') + 1);
    Optional<DescriptorId> descriptor = DescriptorId.parse(last);
    return switch (path.substring(0, path.length() - last.length())) {
      case "/v1/image/descr/" -> descriptor.map(Status::new);
      case "/v1/image/descr/attach/" -> descriptor.map(Attach::new);
      case "/download/" ->
          descriptor.isPresent() ? descriptor.map(Pushed::new) : Optional.of(hash(last));
      default -> Optional.empty();
    };
  }

  private static Route hash(String hex) {
    try {
      return new Image(ImageId.parseHex(hex), Optional.empty());
    } catch (IllegalArgumentException e) {
      return unknown(e);
    }
  }

  private static Route unknown(IllegalArgumentException e) {
    return new Unknown(String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", "?"));
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
      return unknown(e);
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
