package dev.gvmi.node.tar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of a pax extended header.
 *
 * <p><b>Shape:</b> each {@code "LENGTH KEY=VALUE\n"}, LENGTH in decimal and of the whole record.
 *
 * <p><b>Source:</b> POSIX.1-2017, pax; the xattr keys are those of star, GNU tar, Go and
 * libarchive.
 */
final class ExtendedHeader {
  private static final String XATTR = "SCHILY.xattr.";
  private static final String XATTR_BASE64 = "LIBARCHIVE.xattr.";
  private static final int MAX_LENGTH_DIGITS = 10;

  private final SortedMap<String, String> records = new TreeMap<>();

  /** Those of before, which later ones replace. */
  void addAll(ExtendedHeader other) {
    records.putAll(other.records);
  }

  void parse(byte[] bytes) throws TarException {
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9') {
        space++;
      }
      int digits = space - at;
      if (digits == 0
          || digits > MAX_LENGTH_DIGITS
          || space == bytes.length
          || bytes[space] != ' ') {
        throw damaged();
      }
      long length = Long.parseLong(ByteText.of(bytes, at, digits));
      if (length <= digits + 1
          || length > bytes.length - at
          || bytes[at + (int) length - 1] != '\n') {
        throw damaged();
      }
      record(ByteText.of(bytes, space + 1, (int) length - digits - 2));
      at += (int) length;
    }
  }

  private void record(String text) throws TarException {
    int equals = text.indexOf('=', 1);
    if (equals < 0) {
      throw damaged();
    }
    String key = text.substring(0, equals);
    String value = text.substring(equals + 1);
    if (key.startsWith("GNU.sparse.")) {
      throw new TarException("it has sparse files: make it without --sparse");
    }
    if (value.isEmpty() && !key.startsWith(XATTR)) {
      records.remove(key);
    } else {
      records.put(key, value);
    }
  }

  private static TarException damaged() {
    return new TarException("an extended header is damaged");
  }

  /** Null if it does not say. */
  @Nullable String text(String key) {
    return records.get(key);
  }

  OptionalLong number(String key) throws TarException {
    String value = records.get(key);
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      if (value.length() > 40 || value.indexOf('e') >= 0 || value.indexOf('E') >= 0) {
        throw damaged();
      }
      return OptionalLong.of(
          new BigDecimal(value).setScale(0, RoundingMode.FLOOR).longValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TarException(
          "an extended header has a " + ByteText.toUtf8(key) + " that is no number");
    }
  }

  SortedMap<String, String> xattrs() throws TarException {
    SortedMap<String, String> all = new TreeMap<>();
    for (var entry : records.entrySet()) {
      if (entry.getKey().startsWith(XATTR_BASE64)) {
        all.putIfAbsent(
            unescaped(entry.getKey().substring(XATTR_BASE64.length())), decoded(entry.getValue()));
      } else if (entry.getKey().startsWith(XATTR)) {
        all.put(entry.getKey().substring(XATTR.length()), entry.getValue());
      }
    }
    return all;
  }

  private static String decoded(String base64) throws TarException {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return ByteText.of(bytes, 0, bytes.length);
    } catch (IllegalArgumentException e) {
      throw damaged();
    }
  }

  /** libarchive writes unusual bytes of a name as {@code %XX}. */
  private static String unescaped(String name) throws TarException {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      int high = i + 2 < name.length() ? Character.digit(name.charAt(i + 1), 16) : -1;
      int low = i + 2 < name.length() ? Character.digit(name.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw damaged();
      }
      out.append((char) (high << 4 | low));
      i += 2;
    }
    return out.toString();
  }

  /** The record of an extended attribute, or of anything else, as bytes of {@link ByteText}. */
  static String format(String key, String value) {
    int rest = key.length() + value.length() + 3;
    int length = rest + 1;
    while (Integer.toString(length).length() + rest != length) {
      length = Integer.toString(length).length() + rest;
    }
    return length + " " + key + "=" + value + "\n";
  }

  static String xattrKey(String name) {
    return XATTR + name;
  }
}
