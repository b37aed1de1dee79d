package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A multiaddr over TCP, checked before anything is opened. */
final class MultiaddrConverter implements ITypeConverter<Multiaddr> {
  @Override
  public Multiaddr convert(String text) {
    Multiaddr address;
    try {
      address = Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
    if (address.tcpAddress().isEmpty()) {
      throw new TypeConversionException(
          "'" + text + "' is not of the form /ip4|ip6/ADDRESS/tcp/PORT, the only transport yet");
    }
    return address;
  }
}
