package dev.gvmi.libp2p.multiformats;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Text that says in its first character how it encodes bytes.
 *
 * <p><b>Source:</b> multiformats, multibase.
 */
public enum Multibase {
  BASE16('f'),
  BASE16_UPPER('F'),
  BASE32('b'),
  BASE32_UPPER('B'),
  BASE36('k'),
  BASE36_UPPER('K'),
  BASE58_BTC('z'),
  BASE64('m'),
  BASE64_URL('u');

  private static final String RFC4648_32 = "abcdefghijklmnopqrstuvwxyz234567";
  private final char prefix;

  Multibase(char prefix) {
    this.prefix = prefix;
  }

  /** The prefix and the encoded bytes. */
  public String encode(byte[] bytes) {
    String text =
        switch (this) {
          case BASE16 -> HexFormat.of().formatHex(bytes);
          case BASE16_UPPER -> HexFormat.of().withUpperCase().formatHex(bytes);
          case BASE32 -> Base.encode32(bytes, RFC4648_32);
          case BASE32_UPPER -> Base.encode32(bytes, RFC4648_32).toUpperCase(Locale.ROOT);
          case BASE36 -> Base.BASE36.encode(bytes);
          case BASE36_UPPER -> Base.BASE36.encode(bytes).toUpperCase(Locale.ROOT);
          case BASE58_BTC -> Base.BASE58.encode(bytes);
          case BASE64 -> Base64.getEncoder().withoutPadding().encodeToString(bytes);
          case BASE64_URL -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        };
    return prefix + text;
  }

  /** The bytes; {@link IllegalArgumentException} if the prefix is unknown or a digit is wrong. */
  public static byte[] decode(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty multibase text");
    }
    String digits = text.substring(1);
    return switch (of(text.charAt(0))) {
      case BASE16, BASE16_UPPER -> HexFormat.of().parseHex(digits);
      case BASE32, BASE32_UPPER -> Base.decode32(digits, RFC4648_32);
      case BASE36, BASE36_UPPER -> Base.BASE36.decode(digits);
      case BASE58_BTC -> Base.BASE58.decode(digits);
      case BASE64 -> Base64.getDecoder().decode(digits);
      case BASE64_URL -> Base64.getUrlDecoder().decode(digits);
    };
  }

  private static Multibase of(char prefix) {
    for (Multibase base : values()) {
      if (base.prefix == prefix) {
        return base;
      }
    }
    throw new IllegalArgumentException("unknown multibase prefix '" + prefix + "'");
  }
}
