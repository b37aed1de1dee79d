package dev.gvmi.libp2p.multiformats;

import java.math.BigInteger;
import java.util.Arrays;

/** Positional and bit-wise text encodings of bytes. Pure. */
final class Base {
  static final Base BASE58 =
      new Base("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false);
  static final Base BASE36 = new Base("0123456789abcdefghijklmnopqrstuvwxyz", true);

  /** Texts are bounded: positional decoding takes quadratic time. */
  private static final int MAX_CHARACTERS = 512;

  private final String alphabet;
  private final boolean ignoreCase;
  private final BigInteger radix;

  private Base(String alphabet, boolean ignoreCase) {
    this.alphabet = alphabet;
    this.ignoreCase = ignoreCase;
    this.radix = BigInteger.valueOf(alphabet.length());
  }

  String encode(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (BigInteger rest = new BigInteger(1, bytes); rest.signum() > 0; ) {
      BigInteger[] parts = rest.divideAndRemainder(radix);
      text.append(alphabet.charAt(parts[1].intValue()));
      rest = parts[0];
    }
    for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
      text.append(alphabet.charAt(0));
    }
    return text.reverse().toString();
  }

  byte[] decode(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException("text of " + text.length() + " characters is too long");
    }
    BigInteger value = BigInteger.ZERO;
    int zeros = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = ignoreCase ? lower(text.charAt(i)) : text.charAt(i);
      int digit = alphabet.indexOf(c);
      if (digit < 0) {
        throw new IllegalArgumentException(
            "'" + text.charAt(i) + "' is no base" + alphabet.length() + " digit");
      }
      zeros += value.signum() == 0 && digit == 0 ? 1 : 0;
      value = value.multiply(radix).add(BigInteger.valueOf(digit));
    }
    byte[] magnitude = value.signum() == 0 ? new byte[0] : value.toByteArray();
    int skip = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
    byte[] bytes = new byte[zeros + magnitude.length - skip];
    System.arraycopy(magnitude, skip, bytes, zeros, magnitude.length - skip);
    return bytes;
  }

  /** Of ASCII letters only: other scripts have letters whose lower case is an ASCII letter too. */
  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
  }

  /** RFC 4648 base32 without padding, any case. */
  static byte[] decode32(String text, String alphabet) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException("text of " + text.length() + " characters is too long");
    }
    byte[] bytes = new byte[text.length() * 5 / 8];
    int buffer = 0;
    int bits = 0;
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = alphabet.indexOf(lower(text.charAt(i)));
      if (digit < 0) {
        throw new IllegalArgumentException("'" + text.charAt(i) + "' is no base32 digit");
      }
      buffer = (buffer << 5) | digit;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (byte) (buffer >>> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    if (bits >= 5 || buffer != 0) {
      throw new IllegalArgumentException("base32 text does not end at a byte");
    }
    return Arrays.copyOf(bytes, at);
  }

  static String encode32(byte[] bytes, String alphabet) {
    StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
    int buffer = 0;
    int bits = 0;
    for (byte b : bytes) {
      buffer = (buffer << 8) | (b & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(alphabet.charAt((buffer >>> bits) & 31));
      }
      buffer &= (1 << bits) - 1;
    }
    if (bits > 0) {
      text.append(alphabet.charAt((buffer << (5 - bits)) & 31));
    }
    return text.toString();
  }
}
