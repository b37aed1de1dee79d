package dev.gvmi.protocol.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last segment of a URL's path as the exe-unit sees it: dot segments removed, then
 * percent-decoded, then split.
 *
 * <p><b>Source:</b> WHATWG URL standard, as far as it changes the last segment.
 */
final class UrlPath {
  private static final Pattern URL =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", Pattern.DOTALL);

  private UrlPath() {}

  /** Empty if there is none. */
  static Optional<String> lastSegment(String url) {
    Matcher parts = URL.matcher(url.strip().replaceAll("[\\t\\n\\r]", ""));
    if (!parts.matches()) {
      return lastOf(normalised(url, false));
    }
    boolean special =
        List.of("http", "https", "ftp", "ws", "wss", "file")
            .contains(parts.group(1).toLowerCase(Locale.ROOT));
    String rest = before('?', before('#', parts.group(2)));
    if (special) {
      rest = rest.replace('\\', '/');
    }
    String path = rest;
    if (rest.startsWith("//") || special) {
      String afterSlashes = special ? rest.replaceFirst("^/+", "") : rest.substring(2);
      int slash = afterSlashes.indexOf('/');
      path = slash < 0 ? "/" : afterSlashes.substring(slash);
    }
    return lastOf(normalised(path, true));
  }

  private static String before(char end, String text) {
    int at = text.indexOf(end);
    return at < 0 ? text : text.substring(0, at);
  }

  private static String normalised(String path, boolean dots) {
    if (!dots) {
      return path;
    }
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      String plain = segments[i].replaceAll("(?i)%2e", ".");
      boolean last = i == segments.length - 1;
      if (plain.equals("..")) {
        kept.pollLast();
        if (last) {
          kept.add("");
        }
      } else if (!plain.equals(".")) {
        kept.add(segments[i]);
      } else if (last) {
        kept.add("");
      }
    }
    return String.join("/", kept);
  }

  /**
   * Decodes first: an encoded slash splits, as it does in the exe-unit. A NUL is in no file's name:
   * the exe-unit cannot have such a file either.
   */
  private static Optional<String> lastOf(String path) {
    String decoded = percentDecoded(path);
    String[] names =
        Arrays.stream(decoded.split("/", -1))
            .filter(name -> !name.isEmpty() && !name.equals("."))
            .toArray(String[]::new);
    return Optional.of(names)
        .filter(all -> all.length > 0)
        .map(all -> all[all.length - 1])
        .filter(name -> !name.equals("..") && name.indexOf('\0') < 0);
  }

  /** Malformed UTF-8 becomes U+FFFD. */
  private static String percentDecoded(String text) {
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    while (at < in.length) {
      int high = at + 2 < in.length ? Character.digit(in[at + 1], 16) : -1;
      int low = at + 2 < in.length ? Character.digit(in[at + 2], 16) : -1;
      boolean encoded = in[at] == '%' && high >= 0 && low >= 0;
      out.write(encoded ? high << 4 | low : in[at]);
      at += encoded ? 3 : 1;
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
