package dev.gvmi.node.fetch;

import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.node.swarm.Standing;
import dev.gvmi.protocol.image.ImageId;
import java.util.Map;

/**
 * What peers have shown, by image, for as long as the node runs; the image asked for least recently
 * is forgotten first. <b>Thread:</b> any.
 */
final class Standings {
  static final int MAX_IMAGES = 256;

  private final Map<ImageId, Standing> byImage = BoundedMap.forgettingLeastUsed(MAX_IMAGES);

  synchronized Standing of(ImageId image) {
    return byImage.computeIfAbsent(image, id -> new Standing());
  }
}
