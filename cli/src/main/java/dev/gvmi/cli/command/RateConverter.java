package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;

/** A RATE of the command line. */
final class RateConverter extends ValueConverter<Long> {
  RateConverter() {
    super(ConfigValues::rate);
  }
}
