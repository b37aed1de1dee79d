package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.kad.routing.LookupConfig;
import dev.gvmi.libp2p.kad.routing.ProviderLimits;
import dev.gvmi.libp2p.kad.routing.TableLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.List;

/**
 * How a node takes part in a DHT.
 *
 * @param protocol which DHT: nodes of one protocol id form one network
 * @param bootstrap where to ask first, each ending in {@code /p2p}
 * @param provideInterval how often each provided key is announced
 * @param upkeep how often the table, records and connections are looked after
 */
public record KadConfig(
    ProtocolId protocol,
    List<Multiaddr> bootstrap,
    TableLimits table,
    LookupConfig lookup,
    ProviderLimits providers,
    KadLimits limits,
    Duration provideInterval,
    Duration upkeep) {
  public KadConfig {
    bootstrap = List.copyOf(bootstrap);
    if (!provideInterval.isPositive() || !upkeep.isPositive()) {
      throw new IllegalArgumentException("intervals must be positive: " + provideInterval);
    }
  }

  /** The defaults, in the DHT {@code <prefix>/kad/1.0.0}. */
  public static KadConfig ofPrefix(String prefix) {
    return new KadConfig(
        new ProtocolId(prefix + "/kad/1.0.0"),
        List.of(),
        TableLimits.DEFAULT,
        LookupConfig.DEFAULT,
        ProviderLimits.DEFAULT,
        KadLimits.DEFAULT,
        Duration.ofHours(1),
        Duration.ofSeconds(15));
  }

  public KadConfig withBootstrap(List<Multiaddr> peers) {
    return new KadConfig(
        protocol, peers, table, lookup, providers, limits, provideInterval, upkeep);
  }

  /** Dials no address that is nearer than that: {@code PUBLIC} for a node of the public network. */
  public KadConfig withNearest(AddressScope scope) {
    return new KadConfig(
        protocol,
        bootstrap,
        table,
        lookup.withNearest(scope),
        providers,
        limits,
        provideInterval,
        upkeep);
  }

  public KadConfig withIntervals(Duration provide, Duration keep) {
    return new KadConfig(protocol, bootstrap, table, lookup, providers, limits, provide, keep);
  }

  public KadConfig withTable(TableLimits limits) {
    return new KadConfig(
        protocol, bootstrap, limits, lookup, providers, this.limits, provideInterval, upkeep);
  }

  public KadConfig withLimits(ProviderLimits records, KadLimits service) {
    return new KadConfig(
        protocol, bootstrap, table, lookup, records, service, provideInterval, upkeep);
  }
}
