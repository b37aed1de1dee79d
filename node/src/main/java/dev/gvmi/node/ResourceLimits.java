package dev.gvmi.node;

import dev.gvmi.node.cache.rules.Quota;

/** How much of the machine a node may take. */
public record ResourceLimits(Quota quota) {
  /** As much as there is. */
  public static final ResourceLimits NONE = new ResourceLimits(Quota.NONE);
}
