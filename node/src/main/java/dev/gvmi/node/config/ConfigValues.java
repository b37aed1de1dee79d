package dev.gvmi.node.config;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms of single values, for options and keys alike. What has not its form is an {@link IllegalArgumentException} that says why. */
public final class ConfigValues {
  static final int MAX_LISTEN = 16;
  static final int MAX_PEERS = 64;
  private static final int MAX_PATH_CHARS = 4096;
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h)");
  private static final Duration MAX_DURATION = Duration.ofDays(365);

  /** The runtime's cache that is none. */
  public static final String NO_CACHE = "none";

  private ConfigValues() {}

  /** Reads {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}: more than zero, at most a year. */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no duration such as 500ms, 30s, 5m, 1h");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (duration.isZero() || duration.compareTo(MAX_DURATION) > 0) {
      throw new IllegalArgumentException("'" + text + "' is not between 1ms and 8760h");
    }
    return duration;
  }

  /** A duration as {@link #duration} reads it, in the largest unit that it is whole in. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  /** An address of a transport that there is. */
  public static Multiaddr address(String text) {
    Multiaddr address = Multiaddr.parse(text);
    if (address.tcpAddress().or(address::quicAddress).isEmpty()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not of the form /ip4|ip6/ADDRESS/tcp/PORT or /ip4|ip6/ADDRESS/udp/PORT/quic-v1");
    }
    return address;
  }

  /** An address that says whose it is. */
  static Multiaddr peer(String text) {
    Multiaddr address = address(text);
    if (address.p2p().isEmpty()) {
      throw new IllegalArgumentException(
          "'" + text + "' has no /p2p/<peer id> at its end, as 'gvmi-p2p id' prints it");
    }
    return address;
  }

  /** A folder from the root, or {@link #NO_CACHE}. */
  static String runtimeCache(String text) {
    try {
      boolean fits = text.length() <= MAX_PATH_CHARS && Path.of(text).isAbsolute();
      if (!fits && !text.equals(NO_CACHE)) {
        throw new IllegalArgumentException("'" + shortened(text) + "' is no absolute folder");
      }
      return text;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + shortened(text) + "' is no path", e);
    }
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
