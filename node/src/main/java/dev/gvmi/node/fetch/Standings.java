package dev.gvmi.node.fetch;

import dev.gvmi.node.swarm.Standing;
import dev.gvmi.protocol.image.ImageId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What peers have shown, by image, for as long as the node runs; the image asked for least recently
 * is forgotten first. <b>Thread:</b> any.
 */
final class Standings {
  static final int MAX_IMAGES = 256;

  private final Map<ImageId, Standing> byImage =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ImageId, Standing> eldest) {
          return size() > MAX_IMAGES;
        }
      };

  synchronized Standing of(ImageId image) {
    return byImage.computeIfAbsent(image, id -> new Standing());
  }
}
