package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A RATE of the command line, of the same form as in a configuration file. */
final class RateConverter implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return ConfigValues.rate(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
