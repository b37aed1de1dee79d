package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.rate.RateLimit;
import org.jspecify.annotations.Nullable;

/** How fast the node sends and asks, all peers together, and how much of that from origins and for nobody who waits. <b>Thread:</b> any. */
final class Rates {
  private final RateGate uploads = new RateGate(System::nanoTime);
  private final RateGate downloads = new RateGate(System::nanoTime);
  private final RateGate origins = new RateGate(System::nanoTime);
  private final RateGate warmUps = new RateGate(System::nanoTime);

  Rates(ResourceLimits limits) {
    uploads.limit(limits.upload());
    downloads.limit(limits.download());
    warmUps.limit(limits.warmUp());
  }

  RateGate uploads() {
    return uploads;
  }

  RateGate downloads() {
    return downloads;
  }

  /** Beside the limit of all that is downloaded. */
  RateGate origins() {
    return origins;
  }

  /** What nobody waits for, beside the limit of all that is downloaded. */
  RateGate warmUps() {
    return warmUps;
  }

  /** Changes what the request names: all of it, or nothing if it is wrong. */
  void change(LimitsRequest request) {
    RateLimit upload = limit(request.upload(), uploads);
    RateLimit download = limit(request.download(), downloads);
    RateLimit origin = limit(request.origin(), origins);
    RateLimit warmUp = limit(request.warmUp(), warmUps);
    uploads.limit(upload);
    downloads.limit(download);
    origins.limit(origin);
    warmUps.limit(warmUp);
  }

  private static RateLimit limit(@Nullable Long asked, RateGate gate) {
    try {
      return asked == null ? gate.limit() : new RateLimit(asked);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ServiceException.Kind.USAGE, "limits: " + e.getMessage(), e);
    }
  }
}
