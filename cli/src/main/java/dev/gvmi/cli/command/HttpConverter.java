package dev.gvmi.cli.command;

import dev.gvmi.node.config.HttpAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** HOST:PORT of the command line, of the same form as in a configuration file. */
final class HttpConverter implements ITypeConverter<String> {
  @Override
  public String convert(String text) {
    try {
      return HttpAddress.checked(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
