package dev.gvmi.cli.command;

import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.InvalidImageRefException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An IMAGE as written, checked before anything is opened. */
final class ImageConverter implements ITypeConverter<String> {
  @Override
  public String convert(String text) {
    try {
      ImageRef checked = ImageRef.parse(text);
      assert checked != null;
      return text;
    } catch (InvalidImageRefException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
