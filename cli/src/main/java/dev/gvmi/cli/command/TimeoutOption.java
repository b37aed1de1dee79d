package dev.gvmi.cli.command;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --timeout DURATION}. */
final class TimeoutOption {
  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Give up after this time: 500ms, 30s, 5m, 1h.")
  private @Nullable Duration timeout;

  boolean isGiven() {
    return timeout != null;
  }

  /** By the option, or else the file; null for as long as it takes. */
  @Nullable Duration duration(CommandContext context) {
    return timeout != null ? timeout : context.settings().prefetchTimeout();
  }
}
