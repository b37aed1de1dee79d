package dev.gvmi.node.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a gateway listens, as it is written: HOST:PORT, with an address in digits, in brackets if
 * it is one of IPv6, or localhost.
 */
public final class HttpAddress {
  /** What turns it off. */
  public static final String NONE = "none";

  /** Of a daemon that is told nothing else. */
  public static final String DEFAULT = "127.0.0.1:7438";

  private static final int MAX_PORT = 65_535;

  private HttpAddress() {}

  /**
   * Reads it; empty for {@link #NONE}. {@link IllegalArgumentException} says in one line what is
   * wrong.
   */
  public static Optional<InetSocketAddress> parse(String text) {
    if (text.equals(NONE)) {
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT) {
      throw new IllegalArgumentException(
          "'" + shortened(text) + "' is no HOST:PORT such as " + DEFAULT + ", or none");
    }
    return Optional.of(
        new InetSocketAddress(host(text.substring(0, colon)), Integer.parseInt(port)));
  }

  /** The text, if {@link #parse} reads it. */
  public static String checked(String text) {
    parse(text);
    return text;
  }

  private static InetAddress host(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
    String literal = bracketed ? host.substring(1, host.length() - 1) : host;
    try {
      if (!bracketed && host.indexOf(':') >= 0) {
        throw new IllegalArgumentException(host);
      }
      return InetAddress.ofLiteral(host.equals("localhost") ? "127.0.0.1" : literal);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'"
              + shortened(host)
              + "' is no address in digits, and not localhost; one of IPv6 is written [::1]",
          e);
    }
  }

  /** As it is read. */
  public static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
