package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;

/**
 * Is told when this node begins and ceases to hold an image: what it may tell others.
 *
 * <p>What is told is the state of an image, not each step to it: of changes that follow each other
 * quickly only the last may be told, and the same may be told twice. What is held when the store is
 * opened is not told: ask {@link ImageStore#images} and {@link ImageStore#partials}.
 *
 * <p><b>Thread:</b> one of its own, one call after the other in the order of the changes; no lock
 * of the store is held, so it may block and may call the store. It must not throw.
 */
public interface HoldingsListener {
  /**
   * The first verified chunk of an image is here ({@code complete} false), or all of it is verified
   * and served ({@code complete} true).
   */
  void gained(ImageId image, boolean complete);

  /**
   * Nothing of the image is served any more: it was removed or evicted, or its file changed or is
   * damaged.
   */
  void dropped(ImageId image);
}
