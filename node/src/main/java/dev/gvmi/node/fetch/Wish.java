package dev.gvmi.node.fetch;

import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.schedule.FetchShares.Priority;
import org.jspecify.annotations.Nullable;

/**
 * How a fetch is to go.
 *
 * @param reader who waits for the first bytes, if anybody does
 * @param origin where it can be had by HTTP; null for nowhere
 */
public record Wish(Priority priority, ReadPosition reader, @Nullable Origin origin) {
  /** As fast as it can, in any order, from peers. */
  public static final Wish WHOLE = new Wish(Priority.TASK, ReadPosition.NONE);

  /** From peers only. */
  public Wish(Priority priority, ReadPosition reader) {
    this(priority, reader, null);
  }

  /** The same, and from this origin, too. */
  public Wish from(@Nullable Origin other) {
    return new Wish(priority, reader, other);
  }
}
