package dev.gvmi.libp2p.transport.memory;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import io.netty.channel.local.LocalAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.OptionalLong;

/** {@code /memory/<number>}, as text, as number and as Netty's address of a channel. */
final class MemoryAddress {
  private static final int MOST_DIGITS = 18;

  private MemoryAddress() {}

  /** The number, unless the address is of another form. */
  static OptionalLong number(Multiaddr address) {
    Multiaddr bare = address.withoutP2p();
    if (!bare.protocols().equals(List.of(Protocol.MEMORY))) {
      return OptionalLong.empty();
    }
    String value = bare.toString().substring("/memory/".length());
    boolean isNumber =
        value.length() <= MOST_DIGITS && value.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? OptionalLong.of(Long.parseLong(value)) : OptionalLong.empty();
  }

  static Multiaddr of(long number) {
    return Multiaddr.parse("/memory/" + number);
  }

  static SocketAddress socket(long number) {
    return new LocalAddress("/memory/" + number);
  }

  static Multiaddr of(SocketAddress address) {
    return Multiaddr.parse(((LocalAddress) address).id());
  }
}
