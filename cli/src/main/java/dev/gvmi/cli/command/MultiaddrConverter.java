package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.ConfigValues;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A multiaddr over a transport that there is, checked before anything is opened. */
final class MultiaddrConverter implements ITypeConverter<Multiaddr> {
  @Override
  public Multiaddr convert(String text) {
    try {
      return ConfigValues.address(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
