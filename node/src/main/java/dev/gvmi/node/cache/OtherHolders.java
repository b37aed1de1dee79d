package dev.gvmi.node.cache;

import dev.gvmi.protocol.image.ImageId;
import java.util.OptionalInt;

/** Who else holds an image, as far as this node knows. <b>Thread:</b> any; must not block. */
@FunctionalInterface
public interface OtherHolders {
  /** Nothing is known. */
  OtherHolders UNKNOWN = image -> OptionalInt.empty();

  /** How many others hold all of it; empty if that is not known. */
  OptionalInt of(ImageId image);
}
