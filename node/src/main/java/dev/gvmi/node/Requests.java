package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.InvalidImageRefException;

/** From the text of a request to what it means; what means nothing is a fault of usage. */
final class Requests {
  private Requests() {}

  static ImageRef image(String text) {
    try {
      return ImageRef.parse(text);
    } catch (InvalidImageRefException e) {
      throw new ServiceException(ServiceException.Kind.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  static ImageId id(ImageRef ref) {
    return switch (ref) {
      case ImageRef.Hash hash -> hash.image();
      case ImageRef.TaskPackage task -> task.image();
      case ImageRef.Tag tag ->
          throw new ServiceException(
              ServiceException.Kind.USAGE,
              tag.user()
                  + "/"
                  + tag.repository()
                  + ":"
                  + tag.tag()
                  + " is a tag: give the image's hash, which prefetch tells");
    };
  }

  static Multiaddr peer(String text) {
    try {
      return Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "peer " + text + ": " + e.getMessage(), e);
    }
  }
}
