package dev.gvmi.node.warmup;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When which image is to be brought. A hash that came is done with, also when the image is evicted
 * later: else images that do not fit into the quota together would be fetched for ever, each in the
 * place of another. A tag may name another image tomorrow, and is asked for again. What did not
 * come is tried again soon, and then less often.
 *
 * <p>Pure: times are nanoseconds of any one clock. Not thread-safe.
 */
final class WarmUpPlan {
  static final Duration RETRY = Duration.ofMinutes(1);

  private final long every;
  private final Map<String, Wanted> all = new LinkedHashMap<>();

  private static final class Wanted {
    final boolean isTag;
    long due;
    long retry;
    boolean done;
    @Nullable ImageId last;

    Wanted(boolean isTag, long due, long retry) {
      this.isTag = isTag;
      this.due = due;
      this.retry = retry;
    }
  }

  /** All are due from {@code start} on. */
  WarmUpPlan(List<String> images, Duration every, long start) {
    this.every = every.toNanos();
    for (String image : images) {
      all.putIfAbsent(
          image, new Wanted(ImageRef.parse(image) instanceof ImageRef.Tag, start, firstRetry()));
    }
  }

  private long firstRetry() {
    return Math.min(every, RETRY.toNanos());
  }

  /** What to look at next, and when; empty if there is nothing left. */
  Optional<Next> next() {
    return all.entrySet().stream()
        .filter(entry -> !entry.getValue().done)
        .min(Comparator.comparingLong(entry -> entry.getValue().due))
        .map(entry -> new Next(entry.getKey(), entry.getValue().last, entry.getValue().due));
  }

  /**
   * To be looked at.
   *
   * @param last what it named when it last came; null if it never did
   * @param due when
   */
  record Next(String image, @Nullable ImageId last, long due) {}

  /** It is here. */
  void came(String image, ImageId named, long now) {
    Wanted wanted = of(image);
    wanted.last = named;
    wanted.done = !wanted.isTag;
    wanted.due = now + every;
    wanted.retry = firstRetry();
  }

  /** It did not come. */
  void failed(String image, long now) {
    Wanted wanted = of(image);
    wanted.due = now + wanted.retry;
    wanted.retry = Math.min(every, 2 * wanted.retry);
  }

  private Wanted of(String image) {
    Wanted wanted = all.get(image);
    if (wanted == null) {
      throw new IllegalArgumentException(image + " is not in the plan");
    }
    return wanted;
  }
}
