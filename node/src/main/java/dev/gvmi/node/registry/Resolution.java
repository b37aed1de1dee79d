package dev.gvmi.node.registry;

import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.origin.RegistryAnswer;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says which image a tag means, and where providers can have it: at the upstream registry, if it
 * has the image; else here, if this node was told at which address it is reached from elsewhere.
 * Any other address would be of no use to a provider, so there is none.
 *
 * <p><b>Thread:</b> any; calls block.
 */
final class Resolution {
  private final Names names;
  private final ImageStore store;
  private final @Nullable Upstream upstream;
  private final @Nullable OriginUrl publicUrl;

  Resolution(
      Names names, ImageStore store, @Nullable Upstream upstream, @Nullable OriginUrl publicUrl) {
    this.names = names;
    this.store = store;
    this.upstream = upstream;
    this.publicUrl = publicUrl;
  }

  /** What the image is called by its hash. {@link RefusedException} if nobody knows. */
  ImageId image(ImageQuery query) throws RefusedException, InterruptedException {
    Optional<ImageId> here = here(query);
    return here.isPresent() ? here.get() : elsewhere(query).image();
  }

  private Optional<ImageId> here(ImageQuery query) {
    return switch (query) {
      case ImageQuery.ByHash hash -> Optional.of(hash.image());
      case ImageQuery.ByTag tag -> names.image(tag.text());
    };
  }

  /**
   * JSON with {@code http}, {@code https}, {@code sha3} and {@code size}, of which the clients miss
   * none.
   */
  String info(ImageQuery query) throws RefusedException, InterruptedException {
    Optional<ImageId> here = here(query);
    if (here.isEmpty()) {
      return json(elsewhere(query));
    }
    Optional<StoredImage> held = store.image(here.get());
    ImageQuery byHash = new ImageQuery.ByHash(here.get());
    if (held.isEmpty()) {
      return json(elsewhere(byHash));
    }
    if (upstream != null && upstream.ask(byHash) instanceof Upstream.Answer.Known known) {
      return json(known.image());
    }
    return own(held.get());
  }

  private RegistryAnswer elsewhere(ImageQuery query) throws RefusedException, InterruptedException {
    if (upstream == null) {
      throw new RefusedException(
          404, text(query) + " is not known here, and there is no registry to ask");
    }
    return switch (upstream.ask(query)) {
      case Upstream.Answer.Known known -> known.image();
      case Upstream.Answer.Unknown unknown ->
          throw new RefusedException(
              404, text(query) + " is known neither here nor at registry " + upstream.name());
      case Upstream.Answer.Silent silent ->
          throw new RefusedException(
              504,
              text(query)
                  + " is not known here, and registry "
                  + upstream.name()
                  + " cannot be asked: "
                  + silent.why());
    };
  }

  private static String text(ImageQuery query) {
    return switch (query) {
      case ImageQuery.ByHash hash -> "image " + hash.image();
      case ImageQuery.ByTag tag -> "tag " + tag.text();
    };
  }

  /** A URL that there is only by one scheme stands for the other, too: it is one that works. */
  private static String json(RegistryAnswer answer) {
    return json(
        answer.urlOr("http").uri().toString(),
        answer.urlOr("https").uri().toString(),
        answer.image(),
        answer.sizeBytes());
  }

  private String own(StoredImage image) throws RefusedException {
    if (publicUrl == null) {
      throw new RefusedException(
          404,
          "image "
              + image.id()
              + " is held here, but no provider could reach it: the registry does not have it, and gateway.public-url is not set");
    }
    String url = publicUrl.uri().toString().replaceAll("/+$", "") + "/download/" + image.id().hex();
    return json(url, url, image.id(), image.sizeBytes());
  }

  private static String json(String http, String https, ImageId image, long sizeBytes) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("http", http).put("https", https).put("sha3", image.hex());
    if (sizeBytes >= 0) {
      json.put("size", sizeBytes);
    } else {
      json.putNull("size");
    }
    return json + "\n";
  }
}
