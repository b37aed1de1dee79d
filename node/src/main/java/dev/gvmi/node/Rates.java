package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.rate.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * How fast the node sends and asks, all peers together and each, and how much of that from origins
 * and for nobody who waits. <b>Thread:</b> any.
 */
final class Rates {
  private final PeerRates uploads = new PeerRates(System::nanoTime);
  private final PeerRates downloads = new PeerRates(System::nanoTime);
  private final RateGate origins = new RateGate(System::nanoTime);
  private final RateGate warmUps = new RateGate(System::nanoTime);

  Rates(ResourceLimits limits) {
    uploads.all().limit(limits.upload());
    uploads.limitEach(limits.uploadPerPeer());
    downloads.all().limit(limits.download());
    downloads.limitEach(limits.downloadPerPeer());
    warmUps.limit(limits.warmUp());
  }

  PeerRates uploads() {
    return uploads;
  }

  PeerRates downloads() {
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
    RateLimit upload = limit(request.upload(), uploads.all().limit());
    RateLimit uploadPerPeer = limit(request.uploadPerPeer(), uploads.each());
    RateLimit download = limit(request.download(), downloads.all().limit());
    RateLimit downloadPerPeer = limit(request.downloadPerPeer(), downloads.each());
    RateLimit origin = limit(request.origin(), origins.limit());
    RateLimit warmUp = limit(request.warmUp(), warmUps.limit());
    uploads.all().limit(upload);
    uploads.limitEach(uploadPerPeer);
    downloads.all().limit(download);
    downloads.limitEach(downloadPerPeer);
    origins.limit(origin);
    warmUps.limit(warmUp);
  }

  private static RateLimit limit(@Nullable Long asked, RateLimit now) {
    try {
      return asked == null ? now : new RateLimit(asked);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ServiceException.Kind.USAGE, "limits: " + e.getMessage(), e);
    }
  }
}
