package dev.gvmi.node.rate;

/** Bytes in a second at most. */
public record RateLimit(long bytesPerSecond) {
  /** As fast as it goes. */
  public static final RateLimit NONE = new RateLimit(Long.MAX_VALUE);

  /** Slower ones are none: a chunk would take longer than others wait for it. */
  public static final long LEAST = 8_000;

  public RateLimit {
    if (bytesPerSecond < LEAST) {
      throw new IllegalArgumentException(
          bytesPerSecond + " bytes a second, which is less than 64kbit");
    }
  }

  public boolean isNone() {
    return bytesPerSecond == Long.MAX_VALUE;
  }
}
