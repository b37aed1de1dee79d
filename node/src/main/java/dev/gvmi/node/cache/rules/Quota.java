package dev.gvmi.node.cache.rules;

/**
 * How many bytes images may take, in all.
 *
 * <p>Above the high watermark images are evicted until the low one is reached, so that not each new
 * image evicts one. What is reserved for sizes that nobody confirmed stands in the way of others
 * with a tenth of the quota at most.
 */
public record Quota(long bytes) {
  /** As much as the disk has; nothing is evicted. */
  public static final Quota NONE = new Quota(Long.MAX_VALUE);

  static final int HIGH_PERCENT = 95;
  static final int LOW_PERCENT = 85;
  static final int UNCONFIRMED_PERCENT = 10;

  public Quota {
    if (bytes < 1) {
      throw new IllegalArgumentException("quota of " + bytes + " bytes");
    }
  }

  public boolean isNone() {
    return bytes == Long.MAX_VALUE;
  }

  long high() {
    return percent(HIGH_PERCENT);
  }

  long low() {
    return percent(LOW_PERCENT);
  }

  long unconfirmed() {
    return percent(UNCONFIRMED_PERCENT);
  }

  private long percent(int percent) {
    return isNone() ? bytes : bytes / 100 * percent + bytes % 100 * percent / 100;
  }
}
