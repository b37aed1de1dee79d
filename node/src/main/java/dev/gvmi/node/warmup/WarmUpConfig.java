package dev.gvmi.node.warmup;

import java.time.Duration;
import java.util.List;

/**
 * What a daemon brings before a task asks for it.
 *
 * @param images as {@code prefetch} takes them; those named first are brought first
 * @param every so often tags are asked for again, and at least so often what did not come is
 */
public record WarmUpConfig(List<String> images, Duration every) {
  public static final Duration DEFAULT_EVERY = Duration.ofHours(1);

  /** Nothing. */
  public static final WarmUpConfig NONE = new WarmUpConfig(List.of(), DEFAULT_EVERY);

  public WarmUpConfig {
    images = List.copyOf(images);
    if (!every.isPositive()) {
      throw new IllegalArgumentException("every " + every);
    }
  }
}
