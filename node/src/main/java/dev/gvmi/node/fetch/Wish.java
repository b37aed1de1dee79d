package dev.gvmi.node.fetch;

import dev.gvmi.node.schedule.FetchShares.Priority;

/**
 * How a fetch is to go.
 *
 * @param reader who waits for the first bytes, if anybody does
 */
public record Wish(Priority priority, ReadPosition reader) {
  /** As fast as it can, in any order. */
  public static final Wish WHOLE = new Wish(Priority.TASK, ReadPosition.NONE);
}
