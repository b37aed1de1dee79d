package dev.gvmi.node.gateway;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps browsers out: a page of elsewhere can reach the loopback, by a name of its own that leads
 * there, or by a plain link. A request must name an address that the gateway listens at, or a name
 * that was configured, and must not come from a page. Pure.
 */
final class HostCheck {
  private final Set<String> names;
  private final boolean anyAddress;

  /**
   * A check.
   *
   * @param listen where the gateway listens; at all addresses, every address in digits is taken
   * @param publicNames it is known by
   */
  HostCheck(InetAddress listen, Set<String> publicNames) {
    this.anyAddress = listen.isAnyLocalAddress();
    this.names =
        Stream.concat(
                Stream.of("localhost", listen.getHostAddress()),
                publicNames.stream().map(name -> name.toLowerCase(Locale.ROOT)))
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a request may be answered.
   *
   * @param host the header, null if it has none or several
   * @param origin the header, which only browsers send
   * @param fetchSite the header Sec-Fetch-Site, likewise
   */
  boolean allows(@Nullable String host, @Nullable String origin, @Nullable String fetchSite) {
    boolean ofPage =
        fetchSite != null && !fetchSite.equals("none") && !fetchSite.equals("same-origin");
    return host != null && origin == null && !ofPage && isOurs(name(host));
  }

  /** Whether a client that names this host knows that it talks to its own machine. */
  static boolean namesLoopback(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = name(host);
    try {
      return name.equalsIgnoreCase("localhost") || InetAddress.ofLiteral(name).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean isOurs(String name) {
    return names.contains(name.toLowerCase(Locale.ROOT)) || isAddress(name);
  }

  private boolean isAddress(String name) {
    try {
      InetAddress address = InetAddress.ofLiteral(name);
      return anyAddress || names.contains(address.getHostAddress());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Without the port, and without the brackets of IPv6. */
  private static String name(String host) {
    if (host.startsWith("[")) {
      int close = host.indexOf(']');
      return close < 0 || !isPort(host.substring(close + 1)) ? "" : host.substring(1, close);
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : isPort(host.substring(colon)) ? host.substring(0, colon) : "";
  }

  private static boolean isPort(String text) {
    return text.isEmpty() || text.matches(":[0-9]{1,5}");
  }
}
