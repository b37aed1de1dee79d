package dev.gvmi.node.origin;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An http or https URL that something can be asked at. Immutable; {@link #parse} makes it.
 *
 * <p>It takes what browsers and the exe-unit take: letters of any case in scheme and host, spaces
 * and letters of any script in the path, backslashes for slashes. What follows {@code #} is
 * dropped.
 */
public final class OriginUrl {
  /** Characters of a URL at most. */
  public static final int MAX_CHARS = 4096;

  private static final Pattern FORM =
      Pattern.compile(
          "(https?):[/\\\\]{2}([^/?#\\\\]*)([^?#]*)(\\?[^#]*)?(#.*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+)(?::([0-9]{0,5}))?");

  /** What {@link IDN}, whose tables take a command ten milliseconds to load, would leave alone. */
  private static final Pattern ASCII_HOST =
      Pattern.compile("[a-zA-Z0-9-]{1,63}(?:\\.[a-zA-Z0-9-]{1,63}){0,126}");

  /** RFC 3986, what may stand in a path and a query as it is; % is left alone. */
  private static final String PLAIN = "-._~!$&'()*+,;=:@/?%";

  private final URI uri;
  private final @Nullable String userInfo;

  private OriginUrl(URI uri, @Nullable String userInfo) {
    this.uri = uri;
    this.userInfo = userInfo;
  }

  /** Reads a URL; {@link IllegalArgumentException} says in one line what is wrong with it. */
  public static OriginUrl parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException("a URL of more than " + MAX_CHARS + " characters");
    }
    String trimmed = text.strip().replaceAll("[\\t\\r\\n]", "");
    Matcher form = FORM.matcher(trimmed);
    if (!form.matches()) {
      throw new IllegalArgumentException("its scheme is not http or https");
    }
    String authority = form.group(2);
    int at = authority.lastIndexOf('@');
    String scheme = form.group(1).toLowerCase(Locale.ROOT);
    String path = form.group(3).replace('\\', '/');
    String query = form.group(4);
    try {
      URI uri =
          new URI(
              scheme
                  + "://"
                  + hostAndPort(scheme, authority.substring(at + 1))
                  + (path.isEmpty() ? "/" : encoded(path))
                  + (query == null ? "" : encoded(query)));
      return new OriginUrl(withoutDots(uri), at < 0 ? null : authority.substring(0, at));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("it is no URL: " + e.getReason(), e);
    }
  }

  private static URI withoutDots(URI uri) {
    String path = uri.getRawPath();
    return path.contains("/./")
            || path.contains("/../")
            || path.endsWith("/.")
            || path.endsWith("/..")
        ? uri.normalize()
        : uri;
  }

  private static String hostAndPort(String scheme, String text) {
    Matcher form = AUTHORITY.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("it names no host");
    }
    String host = form.group(1);
    String ascii =
        host.startsWith("[") || ASCII_HOST.matcher(host).matches()
            ? host
            : IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
    String digits = form.group(2);
    int port = digits == null || digits.isEmpty() ? -1 : Integer.parseInt(digits);
    if (port == 0 || port > 0xffff) {
      throw new IllegalArgumentException("there is no port " + port);
    }
    boolean usual = port == -1 || port == (scheme.equals("http") ? 80 : 443);
    return ascii.toLowerCase(Locale.ROOT) + (usual ? "" : ":" + port);
  }

  private static String encoded(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          boolean isPlain = c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
          if (isPlain) {
            out.appendCodePoint(c);
          } else {
            percent(Character.toString(c), out);
          }
        });
    return out.toString().replaceAll("%(?![0-9a-fA-F]{2})", "%25");
  }

  private static void percent(String character, StringBuilder out) {
    for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
      out.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
    }
  }

  /** Where an answer of this URL sends to. What it says of a user goes for the same server only. */
  OriginUrl redirect(String location) {
    String text = location.strip();
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "a redirect to a URL of more than " + MAX_CHARS + " characters");
    }
    boolean isAbsolute = text.matches("(?s)[a-zA-Z][a-zA-Z0-9+.-]*:.*");
    OriginUrl next = parse(isAbsolute ? text : uri.resolve(relative(text)).toString());
    boolean sameServer = next.server().equals(server());
    return new OriginUrl(next.uri, next.userInfo == null && sameServer ? userInfo : next.userInfo);
  }

  private static URI relative(String text) {
    String path = text.replaceAll("#.*", "").replace('\\', '/');
    try {
      return new URI(encoded(path));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("a redirect to no URL: " + e.getReason(), e);
    }
  }

  /** Without a user. */
  public URI uri() {
    return uri;
  }

  public String host() {
    return uri.getHost() == null ? uri.getRawAuthority() : uri.getHost();
  }

  /** Scheme, host and port. */
  public String server() {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  boolean isSecure() {
    return uri.getScheme().equals("https");
  }

  /**
   * What goes into the header Authorization; null for nothing. As the exe-unit does it: still
   * percent-encoded.
   */
  @Nullable String authorization() {
    if (userInfo == null || userInfo.isEmpty() || userInfo.startsWith(":")) {
      return null;
    }
    String both = userInfo.indexOf(':') < 0 ? userInfo + ":" : userInfo;
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OriginUrl url
        && uri.equals(url.uri)
        && String.valueOf(userInfo).equals(String.valueOf(url.userInfo));
  }

  @Override
  public int hashCode() {
    return uri.hashCode();
  }

  /** Without user and query, which may be secret. */
  @Override
  public String toString() {
    return server() + uri.getRawPath();
  }
}
