package dev.gvmi.node.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.protocol.image.ImageId;
import java.util.Map;
import java.util.Objects;

/**
 * Of which images a client may go on from where it stopped. Not of those of which bytes were sent
 * that proved false, or were superseded by others: a client that goes on behind such bytes would
 * never get the image. It is told so by an answer without Accept-Ranges, from then on.
 *
 * <p><b>Thread:</b> any.
 */
final class RangeTrust {
  @GuardedBy("this")
  private final Map<ImageId, Integer> sent;

  @GuardedBy("this")
  private final Map<ImageId, Boolean> broken;

  /**
   * Trusts all.
   *
   * @param most images that are remembered, the latest
   */
  RangeTrust(int most) {
    this.sent = BoundedMap.forgettingLeastUsed(most);
    this.broken = BoundedMap.forgettingLeastUsed(most);
  }

  /**
   * Bytes are about to be sent that are not proven.
   *
   * @param content the same for the same bytes
   */
  synchronized void sending(ImageId image, int content) {
    Integer before = sent.put(image, content);
    if (before != null && before != content) {
      broken.put(image, true);
    }
  }

  /**
   * The image is here, proven; what was sent of it before counts as true if it was of this content.
   */
  synchronized void proven(ImageId image, int content) {
    Integer before = sent.remove(image);
    if (before != null && !Objects.equals(before, content)) {
      broken.put(image, true);
    }
  }

  /** What was sent of it proved false. */
  synchronized void falsified(ImageId image) {
    if (sent.remove(image) != null) {
      broken.put(image, true);
    }
  }

  synchronized boolean acceptsRanges(ImageId image) {
    return broken.get(image) == null;
  }
}
