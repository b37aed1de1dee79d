package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.ConfigValues;

/** A multiaddr over a transport that there is. */
final class MultiaddrConverter extends ValueConverter<Multiaddr> {
  MultiaddrConverter() {
    super(ConfigValues::address);
  }
}
