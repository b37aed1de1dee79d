package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;

/** An IMAGE as written. */
final class ImageConverter extends ValueConverter<String> {
  ImageConverter() {
    super(ConfigValues::image);
  }
}
