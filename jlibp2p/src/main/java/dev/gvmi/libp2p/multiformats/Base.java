package dev.gvmi.libp2p.multiformats;

import java.util.Arrays;

/** Positional and bit-wise text encodings of bytes. Pure. */
final class Base {
  static final Base BASE58 =
      new Base("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false);
  static final Base BASE36 = new Base("0123456789abcdefghijklmnopqrstuvwxyz", true);

  /** Texts are bounded: positional decoding takes quadratic time. */
  private static final int MAX_CHARACTERS = 512;

  /** Of the smallest radix, rounded down. */
  private static final int BITS_OF_A_DIGIT = 5;

  private final String alphabet;
  private final boolean ignoreCase;

  private Base(String alphabet, boolean ignoreCase) {
    this.alphabet = alphabet;
    this.ignoreCase = ignoreCase;
  }

  String encode(byte[] bytes) {
    int zeros = 0;
    while (zeros < bytes.length && bytes[zeros] == 0) {
      zeros++;
    }
    StringBuilder text = new StringBuilder(bytes.length * 8 / BITS_OF_A_DIGIT + 1);
    byte[] rest = bytes.clone();
    for (int from = zeros; from < rest.length; ) {
      text.append(alphabet.charAt(divide(rest, from)));
      from += rest[from] == 0 ? 1 : 0;
    }
    text.repeat(alphabet.charAt(0), zeros);
    return text.reverse().toString();
  }

  /** Divides the big-endian number by the radix, in place; returns the remainder. */
  private int divide(byte[] number, int from) {
    int remainder = 0;
    for (int i = from; i < number.length; i++) {
      int value = (remainder << 8) | (number[i] & 0xff);
      number[i] = (byte) (value / alphabet.length());
      remainder = value % alphabet.length();
    }
    return remainder;
  }

  byte[] decode(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException("text of " + text.length() + " characters is too long");
    }
    byte[] number = new byte[text.length()];
    int from = number.length;
    int zeros = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = digit(text.charAt(i));
      zeros += from == number.length && digit == 0 ? 1 : 0;
      from = multiplyAndAdd(number, from, digit);
    }
    return Arrays.copyOfRange(number, from - zeros, number.length);
  }

  private int digit(char c) {
    int digit = alphabet.indexOf(ignoreCase ? lower(c) : c);
    if (digit < 0) {
      throw new IllegalArgumentException("'" + c + "' is no base" + alphabet.length() + " digit");
    }
    return digit;
  }

  /**
   * Of the big-endian number, in place; returns where its first byte is now. A digit adds less than
   * a byte, so there is room.
   */
  private int multiplyAndAdd(byte[] number, int from, int digit) {
    int carry = digit;
    for (int i = number.length - 1; i >= from; i--) {
      int value = (number[i] & 0xff) * alphabet.length() + carry;
      number[i] = (byte) value;
      carry = value >>> 8;
    }
    if (carry == 0) {
      return from;
    }
    number[from - 1] = (byte) carry;
    return from - 1;
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
