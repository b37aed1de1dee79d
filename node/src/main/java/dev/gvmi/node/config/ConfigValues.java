package dev.gvmi.node.config;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.protocol.image.ImageRef;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forms of single values, for options and keys alike. What has not its form is an {@link
 * IllegalArgumentException} that says why.
 */
public final class ConfigValues {
  static final int MAX_LISTEN = 16;
  static final int MAX_PEERS = 64;
  static final int MAX_WARM_UP = 256;
  private static final Set<Protocol> STARTS =
      EnumSet.of(
          Protocol.IP4, Protocol.IP6, Protocol.DNS, Protocol.DNS4, Protocol.DNS6, Protocol.DNSADDR);
  private static final int MAX_PATH_CHARS = 4096;
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h)");
  private static final Duration MAX_DURATION = Duration.ofDays(365);

  /** The runtime's cache that is none. */
  public static final String NO_CACHE = "none";

  /** No registry. */
  public static final String NO_REGISTRY = "none";

  /** A size or rate without a limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  static final String RATES =
      "a rate of at least \"64kbit\" such as \"20Mbit\" or \"5MB/s\", or \"none\"";

  private static final String NO_LIMIT = "none";
  private static final long LEAST_SIZE = 1_000_000;
  private static final long LEAST_RATE = 8_000;
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,3})?)([kKMGT]?)(i?)B?");
  private static final Pattern RATE =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,3})?)([kKMGT]?)(?:(i?)B/s|(bit)(?:/s)?)");
  private static final BigDecimal MOST = new BigDecimal(1L << 60);
  private static final String UNITS = "kMGT";

  private ConfigValues() {}

  /**
   * Reads {@code 20G}, {@code 1.5T}, {@code 500MB}, {@code 500MiB}: bytes, of which there is a
   * million at least; {@code none} is {@link #UNLIMITED}.
   */
  public static long size(String text) {
    if (text.equals(NO_LIMIT)) {
      return UNLIMITED;
    }
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + shortened(text) + "' is no size such as 500M, 20G, 1.5T, none");
    }
    long bytes = amount(matcher.group(1), matcher.group(2), !matcher.group(3).isEmpty());
    if (bytes < LEAST_SIZE) {
      throw new IllegalArgumentException("'" + text + "' is less than 1M");
    }
    return bytes;
  }

  /**
   * Reads {@code 20Mbit}, {@code 5MB/s}, {@code 512KiB/s}: bytes in a second; {@code none} is
   * {@link #UNLIMITED}.
   */
  public static long rate(String text) {
    if (text.equals(NO_LIMIT)) {
      return UNLIMITED;
    }
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + shortened(text) + "' is no rate such as 20Mbit, 5MB/s, none");
    }
    String binary = matcher.group(3);
    long amount = amount(matcher.group(1), matcher.group(2), binary != null && !binary.isEmpty());
    long bytes = matcher.group(4) == null ? amount : amount / Byte.SIZE;
    if (bytes < LEAST_RATE) {
      throw new IllegalArgumentException("'" + text + "' is less than 64kbit");
    }
    return bytes;
  }

  private static long amount(String number, String unit, boolean binary) {
    int power = unit.isEmpty() ? 0 : 1 + UNITS.indexOf(unit.replace('K', 'k'));
    BigDecimal amount =
        new BigDecimal(number)
            .multiply(BigDecimal.valueOf(binary ? 1024 : 1000).pow(power))
            .setScale(0, RoundingMode.HALF_UP);
    if (amount.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          "'" + number + unit + "' is more than any disk has; say none");
    }
    return amount.longValueExact();
  }

  /** A size as {@link #size} reads it. */
  public static String sizeText(long bytes) {
    return bytes == UNLIMITED ? NO_LIMIT : units(bytes) + "B";
  }

  /** A rate as {@link #rate} reads it. */
  public static String rateText(long bytesPerSecond) {
    return bytesPerSecond == UNLIMITED ? NO_LIMIT : units(bytesPerSecond) + "B/s";
  }

  /** In the largest unit that it is whole in. */
  private static String units(long bytes) {
    long left = bytes;
    int power = 0;
    while (left >= 1000 && left % 1000 == 0 && power < UNITS.length()) {
      left /= 1000;
      power++;
    }
    return left + (power == 0 ? "" : String.valueOf(UNITS.charAt(power - 1)));
  }

  /** Reads {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}: more than zero, at most a year. */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no duration such as 500ms, 30s, 5m, 1h");
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
          "'"
              + text
              + "' is not of the form /ip4|ip6/ADDRESS/tcp/PORT or /ip4|ip6/ADDRESS/udp/PORT/quic-v1");
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

  /** An address to start with: it says whose it is, or its name in the DNS does. */
  public static Multiaddr bootstrap(String text) {
    Multiaddr address = Multiaddr.parse(text);
    Protocol first = address.protocols().getFirst();
    if (!STARTS.contains(first)) {
      throw new IllegalArgumentException(
          "'" + text + "' begins with none of /ip4, /ip6, /dns4, /dns6, /dns, /dnsaddr");
    }
    if (address.p2p().isEmpty() && first != Protocol.DNSADDR) {
      throw new IllegalArgumentException(
          "'" + text + "' has no /p2p/<peer id> at its end, as 'gvmi-p2p id' prints it");
    }
    return address;
  }

  /** The part that a node takes in the DHT. */
  public static DhtRole dht(String text) {
    return Arrays.stream(DhtRole.values())
        .filter(role -> role.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("'" + text + "' is none of auto, server, client, off"));
  }

  /** The URL of a registry, or {@link #NO_REGISTRY}. */
  public static String registry(String text) {
    if (!text.equals(NO_REGISTRY)) {
      try {
        OriginUrl.parse(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("'" + shortened(text) + "': " + e.getMessage(), e);
      }
    }
    return text;
  }

  /** No address at which others reach the gateway. */
  public static final String NO_URL = "none";

  /** The URL at which others reach the gateway, or {@link #NO_URL}. */
  public static String publicUrl(String text) {
    registry(text);
    if (!text.equals(NO_URL)) {
      OriginUrl url = OriginUrl.parse(text);
      if (url.uri().getRawQuery() != null || text.indexOf('#') >= 0 || text.indexOf('@') >= 0) {
        throw new IllegalArgumentException(
            "'" + shortened(text) + "' has a user, a query or a fragment");
      }
    }
    return text;
  }

  /** An image in any of the forms that {@code prefetch} takes. */
  public static String image(String text) {
    ImageRef.parse(text);
    return text;
  }

  /** A file, by its path from the root. */
  public static Path file(String text) {
    return Path.of(absolute(text, "file"));
  }

  /** Folders of runtimes that one node places images in. */
  public static final int MAX_CACHES = 8;

  /** A folder from the root, or {@link #NO_CACHE}. */
  static String runtimeCache(String text) {
    return text.equals(NO_CACHE) ? text : absolute(text, "folder");
  }

  private static String absolute(String text, String kind) {
    try {
      if (text.length() > MAX_PATH_CHARS || !Path.of(text).isAbsolute()) {
        throw new IllegalArgumentException("'" + shortened(text) + "' is no absolute " + kind);
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
