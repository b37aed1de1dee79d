package dev.gvmi.node.runtime.hook;

import java.time.Duration;

/**
 * Bounds of what a daemon does for wrappers.
 *
 * @param requestBytes of a request: the path of an agreement
 * @param requestsAtOnce that are looked at before others get their turn
 * @param requestAge after which its wrapper waits no more
 * @param answerAge after which the exe-unit has long read its copy
 */
record HookLimits(int requestBytes, int requestsAtOnce, Duration requestAge, Duration answerAge) {
  static final HookLimits DEFAULT =
      new HookLimits(8192, 64, Duration.ofSeconds(2), Duration.ofHours(1));
}
