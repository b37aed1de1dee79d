package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.discovery.DiscoveryConfig;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How others are found: {@code --bootstrap}, {@code --dht} and {@code --[no-]mdns}, shared by the
 * commands that run a node.
 */
final class NetworkOption {
  @Option(
      names = "--bootstrap",
      paramLabel = "MULTIADDR",
      arity = "1..*",
      converter = BootstrapConverter.class,
      description = "Peers to join the network through.")
  private List<Multiaddr> bootstrap = List.of();

  @Option(
      names = "--dht",
      paramLabel = "auto|server|client|off",
      converter = DhtConverter.class,
      description = "The part this node takes in the DHT. Default: auto.")
  private @Nullable DhtRole dht;

  @Option(
      names = "--mdns",
      negatable = true,
      description = "Find peers on the local network. Default: yes.")
  private @Nullable Boolean mdns;

  boolean mdnsIsGiven() {
    return mdns != null;
  }

  boolean mdns(CommandContext context) {
    return mdns != null
        ? mdns
        : Objects.requireNonNullElse(context.settings().mdns(), Boolean.TRUE);
  }

  boolean bootstrapIsGiven() {
    return !bootstrap.isEmpty();
  }

  boolean dhtIsGiven() {
    return dht != null;
  }

  /** By the option, or else the file. */
  List<Multiaddr> bootstrap(CommandContext context) {
    return bootstrapIsGiven()
        ? bootstrap
        : Objects.requireNonNullElse(context.settings().bootstrap(), List.of());
  }

  DhtRole dht(CommandContext context) {
    return dht != null ? dht : Objects.requireNonNullElse(context.settings().dht(), DhtRole.AUTO);
  }

  DiscoveryConfig config(CommandContext context) {
    return new DiscoveryConfig(bootstrap(context), dht(context), mdns(context));
  }

  static final class BootstrapConverter extends ValueConverter<Multiaddr> {
    BootstrapConverter() {
      super(ConfigValues::bootstrap);
    }
  }

  static final class DhtConverter extends ValueConverter<DhtRole> {
    DhtConverter() {
      super(text -> ConfigValues.dht(text.toLowerCase(Locale.ROOT)));
    }
  }
}
