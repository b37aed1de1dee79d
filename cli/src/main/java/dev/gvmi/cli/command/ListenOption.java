package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Option;

/** The option {@code --listen}. */
final class ListenOption {
  @Option(
      names = "--listen",
      paramLabel = "MULTIADDR",
      arity = "1..*",
      converter = MultiaddrConverter.class,
      description =
          "Addresses to listen on; port 0 is any. Default: port 7437 of all addresses, TCP and QUIC.")
  private List<Multiaddr> listen = List.of();

  boolean isGiven() {
    return !listen.isEmpty();
  }

  /** By the option, the file, or the default. */
  List<Multiaddr> addresses(CommandContext context) {
    return isGiven()
        ? listen
        : Objects.requireNonNullElseGet(context.settings().listen(), DefaultListen::addresses);
  }
}
