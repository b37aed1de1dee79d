package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;
import java.time.Duration;

/** A DURATION of the command line. */
final class DurationConverter extends ValueConverter<Duration> {
  DurationConverter() {
    super(ConfigValues::duration);
  }
}
