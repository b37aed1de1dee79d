package dev.gvmi.node;

import dev.gvmi.node.cache.CacheKeeper;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PinRequest;
import dev.gvmi.node.control.NodeService.PinResult;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.image.ImageId;

/** Which images are never evicted. <b>Thread:</b> any. */
final class Pins {
  private final ImageStore store;
  private final CacheKeeper cache;

  Pins(ImageStore store, CacheKeeper cache) {
    this.store = store;
    this.cache = cache;
  }

  PinResult pin(PinRequest request) {
    ImageId image = Requests.id(Requests.image(request.image()));
    if (!store.pin(image, request.pinned())) {
      return new PinResult(
          Outcome.NOT_FOUND,
          image.hex(),
          false,
          "image " + image + " is not held here: fetch it with prefetch");
    }
    if (!request.pinned()) {
      cache.trim();
    }
    return new PinResult(Outcome.COMPLETE, image.hex(), request.pinned(), "");
  }
}
