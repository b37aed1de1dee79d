package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;

/** A SIZE of the command line. */
final class SizeConverter extends ValueConverter<Long> {
  SizeConverter() {
    super(ConfigValues::size);
  }
}
