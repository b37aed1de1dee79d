package dev.gvmi.node.origin;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Gives out only addresses that the rules allow, to the very connection that is about to be made: a
 * name cannot mean another address by then. <b>Thread:</b> any.
 */
final class CheckedResolver implements DnsResolver {
  private final NameLookup lookup;
  private final AddressRules rules;

  CheckedResolver(NameLookup lookup, AddressRules rules) {
    this.lookup = lookup;
    this.rules = rules;
  }

  /** A host has addresses, but none that the rules allow. */
  static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    ForbiddenAddressException(String message) {
      super(message);
    }
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    List<InetAddress> all = lookup.addresses(host);
    InetAddress[] allowed = all.stream().filter(rules::allow).toArray(InetAddress[]::new);
    if (allowed.length == 0 && !all.isEmpty()) {
      throw new ForbiddenAddressException(
          host
              + " is at "
              + all.getFirst().getHostAddress()
              + ", which is no public address; --allow-private-origin allows it");
    }
    return allowed;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
