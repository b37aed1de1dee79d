package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.ServiceException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Option;

/** The option {@code --peer MULTIADDR}, shared by the commands that fetch. */
final class PeersOption {
  @Option(
      names = "--peer",
      paramLabel = "MULTIADDR",
      converter = MultiaddrConverter.class,
      description = "A holder to ask, with its /p2p part.")
  private List<Multiaddr> peers = List.of();

  boolean isGiven() {
    return !peers.isEmpty();
  }

  /** By the option, or else the file. */
  List<String> addresses(CommandContext context) {
    List<Multiaddr> all =
        isGiven() ? peers : Objects.requireNonNullElse(context.settings().peers(), List.of());
    return all.stream().map(Multiaddr::toString).toList();
  }

  /** {@link ServiceException} if one does not say whose address it is. */
  void check() {
    for (Multiaddr peer : peers) {
      if (peer.p2p().isEmpty()) {
        throw new ServiceException(
            ServiceException.Kind.USAGE,
            "--peer " + peer + ": add /p2p/<peer id>, as 'gvmi-p2p id' prints it");
      }
    }
  }
}
