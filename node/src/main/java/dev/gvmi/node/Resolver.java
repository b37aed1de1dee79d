package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.origin.Origins;
import dev.gvmi.node.origin.Registry;
import dev.gvmi.node.origin.RegistryAnswer;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * From what a user wrote to the image that is meant, and to where it can be had by HTTP.
 * <b>Thread:</b> any; a tag is asked of the registry.
 */
final class Resolver {
  private final Origins origins;

  Resolver(Origins origins) {
    this.origins = origins;
  }

  /**
   * What is meant.
   *
   * @param origin null for nowhere
   */
  record Found(ImageId image, @Nullable Origin origin) {}

  Found find(ImageRef ref, PrefetchRequest request) {
    boolean allowPrivate = request.allowPrivateOrigin();
    if (ref instanceof ImageRef.Tag tag) {
      RegistryAnswer answer = ask(tag);
      return new Found(
          answer.image(), request.noOrigin() ? null : origins.at(answer.url(), allowPrivate));
    }
    return new Found(
        Requests.id(ref), request.noOrigin() ? null : origins.of(ref, allowPrivate).orElse(null));
  }

  private RegistryAnswer ask(ImageRef.Tag tag) {
    String name = tag.user() + "/" + tag.repository() + ":" + tag.tag();
    Registry registry =
        origins
            .registry()
            .orElseThrow(() ->
                new ServiceException(
                    ServiceException.Kind.USAGE,
                    name
                        + " is a tag, and there is no registry to ask: give the image's hash, or"
                        + " --registry"));
    try {
      return registry.resolve(tag);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.NOT_FOUND,
          "image " + name + " not found at registry " + registry.url() + ": " + e.getMessage(),
          e);
    }
  }
}
