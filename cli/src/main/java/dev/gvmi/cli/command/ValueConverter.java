package dev.gvmi.cli.command;

import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a value of the command line before anything is opened, and as a configuration file does
 * where it can stand there, too.
 */
abstract class ValueConverter<T> implements ITypeConverter<T> {
  private final Function<String, T> form;

  /**
   * @param form throws {@link IllegalArgumentException} with what is wrong, for the user
   */
  ValueConverter(Function<String, T> form) {
    this.form = form;
  }

  @Override
  public T convert(String text) {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
