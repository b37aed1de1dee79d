package dev.gvmi.node;

import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.rate.RateLimit;

/**
 * How much of the machine a node may take.
 *
 * @param upload of all that is sent to peers
 * @param download of all that is asked of peers
 * @param uploadPerPeer of what is sent to one peer
 * @param downloadPerPeer of what is asked of one peer
 * @param warmUp of what is asked for before anybody waits for it
 */
public record ResourceLimits(
    Quota quota,
    RateLimit upload,
    RateLimit download,
    RateLimit uploadPerPeer,
    RateLimit downloadPerPeer,
    RateLimit warmUp) {
  /** As much as there is. */
  public static final ResourceLimits NONE =
      new ResourceLimits(Quota.NONE, RateLimit.NONE, RateLimit.NONE);

  /** Without other rates. */
  public ResourceLimits(Quota quota, RateLimit upload, RateLimit download) {
    this(quota, upload, download, RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);
  }
}
