package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import java.util.List;

/**
 * What a host is made from.
 *
 * @param security what it proposes when it dials, the preferred first, and all that it accepts; at
 *     least one
 * @param gater with whom it has connections
 */
public record HostConfig(
    HostKey key,
    List<Multiaddr> listen,
    String agent,
    HostLimits limits,
    List<SecurityChoice> security,
    ConnectionGater gater) {
  public HostConfig {
    listen = List.copyOf(listen);
    security = List.copyOf(security);
    if (agent.length() > 128) {
      throw new IllegalArgumentException("agent longer than 128 characters");
    }
    if (security.isEmpty()) {
      throw new IllegalArgumentException("a host needs a security protocol");
    }
  }

  /** With TLS, the faster, before Noise, which every peer has. */
  public HostConfig(HostKey key, List<Multiaddr> listen, String agent, HostLimits limits) {
    this(key, listen, agent, limits, List.of(SecurityChoice.TLS, SecurityChoice.NOISE));
  }

  /** With anybody. */
  public HostConfig(
      HostKey key,
      List<Multiaddr> listen,
      String agent,
      HostLimits limits,
      List<SecurityChoice> security) {
    this(key, listen, agent, limits, security, ConnectionGater.ALLOWS_ALL);
  }

  public HostConfig withGater(ConnectionGater other) {
    return new HostConfig(key, listen, agent, limits, security, other);
  }
}
