package dev.gvmi.cli.command;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Memory as people write it: {@code 128M}, {@code 2G}; of 1024 each, as memory is. */
final class MebibytesConverter implements ITypeConverter<Integer> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(M|MiB|G|GiB)");

  @Override
  public Integer convert(String text) {
    Matcher found = FORM.matcher(text);
    if (!found.matches()) {
      throw new TypeConversionException("'" + text + "' is no size of memory such as 128M or 2G");
    }
    int number = Integer.parseInt(found.group(1));
    return found.group(2).startsWith("G") ? number * 1024 : number;
  }
}
