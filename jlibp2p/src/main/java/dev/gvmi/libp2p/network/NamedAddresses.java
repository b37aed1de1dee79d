package dev.gvmi.libp2p.network;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the addresses behind {@code /dns}, {@code /dns4}, {@code /dns6} and {@code /dnsaddr}.
 *
 * <p>A {@code /dnsaddr/<domain>} stands for the addresses in the TXT records {@code
 * dnsaddr=<address>} of {@code _dnsaddr.<domain>}, which may have names again. If it names a peer
 * at its end, only entries that end in the same peer are taken.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Source:</b> multiformats, multiaddr, protocols dns and dnsaddr.
 */
public final class NamedAddresses {
  /** No more addresses are taken for one with a name. */
  public static final int MAX_ADDRESSES = 32;

  /** No more TXT records of one name are read. */
  public static final int MAX_TEXTS = 64;

  /** No more names are looked up for one address. */
  public static final int MAX_LOOKUPS = 16;

  /** A {@code /dnsaddr} may lead to another so many times. */
  public static final int MAX_DEPTH = 4;

  private static final String ENTRY = "dnsaddr=";
  private static final Logger LOG = LoggerFactory.getLogger(NamedAddresses.class);

  private final AddressResolver resolver;

  public NamedAddresses(AddressResolver resolver) {
    this.resolver = resolver;
  }

  /**
   * The address itself if it has no name; {@link IOException} (one clear line) if its name leads
   * nowhere.
   */
  public List<Multiaddr> resolve(Multiaddr address) throws IOException {
    if (address.dnsName().isEmpty()) {
      return List.of(address);
    }
    Search search = new Search();
    search.resolve(address, 0);
    if (search.found.isEmpty()) {
      throw search.failure != null
          ? search.failure
          : new IOException("cannot resolve " + address + ": it leads to no address");
    }
    return search.found.stream().limit(MAX_ADDRESSES).toList();
  }

  /** One look-up, with all that it leads to. */
  private final class Search {
    private final Set<Multiaddr> found = new LinkedHashSet<>();
    private int lookups;
    private @Nullable IOException failure;

    private void resolve(Multiaddr address, int depth) {
      String name = address.dnsName().orElse("");
      if (name.isEmpty()) {
        found.add(address);
        return;
      }
      if (lookups++ >= MAX_LOOKUPS || found.size() >= MAX_ADDRESSES) {
        return;
      }
      Protocol kind = address.protocols().getFirst();
      try {
        if (kind == Protocol.DNSADDR) {
          follow(address, name, depth);
        } else {
          hosts(address, kind, name);
        }
      } catch (IOException e) {
        LOG.debug("{}: {}", address, e.toString());
        failure = new IOException("cannot resolve " + address + ": " + e.getMessage(), e);
      }
    }

    private void hosts(Multiaddr address, Protocol kind, String name) throws IOException {
      for (InetAddress ip : resolver.addresses(name)) {
        boolean wanted =
            switch (kind) {
              case DNS4 -> ip instanceof Inet4Address;
              case DNS6 -> ip instanceof Inet6Address;
              default -> true;
            };
        if (wanted && found.size() < MAX_ADDRESSES) {
          found.add(address.withIp(ip));
        }
      }
    }

    private void follow(Multiaddr address, String domain, int depth) throws IOException {
      if (depth >= MAX_DEPTH) {
        throw new IOException("more than " + MAX_DEPTH + " /dnsaddr lead to each other");
      }
      for (Multiaddr entry : entries(resolver.texts("_dnsaddr." + domain))) {
        if (address.p2p().isEmpty() || address.p2p().equals(entry.p2p())) {
          resolve(entry, depth + 1);
        }
      }
    }

    private List<Multiaddr> entries(List<String> texts) {
      List<Multiaddr> entries = new ArrayList<>();
      for (String text : texts.subList(0, Math.min(texts.size(), MAX_TEXTS))) {
        if (text.startsWith(ENTRY)) {
          try {
            entries.add(Multiaddr.parse(text.substring(ENTRY.length())));
          } catch (IllegalArgumentException e) {
            LOG.debug("an address that we cannot use: {}", e.getMessage());
          }
        }
      }
      return entries;
    }
  }
}
