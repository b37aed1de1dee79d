package dev.gvmi.protocol.image;

import static dev.gvmi.protocol.image.InvalidImageRefException.quoted;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads the image id out of a CID of version 1 and codec raw in base32, base36, base58 or hex.
 * Other codecs name a node of a graph, whose hash is not that of the file.
 *
 * <p><b>Source:</b> multiformats, cid and multibase.
 */
final class CidText {
  private static final String BASE16 = "0123456789abcdef";
  private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
  private static final String BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final String BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int MAX_CHARACTERS = 256;
  private static final int RAW = 0x55;

  private CidText() {}

  static ImageId imageOf(String text) {
    if (text.startsWith("Qm")) {
      throw new InvalidImageRefException(
          "the CID " + quoted(text) + " names a SHA2-256 hash: images are named by SHA3");
    }
    if (text.isEmpty() || text.length() > MAX_CHARACTERS) {
      throw new InvalidImageRefException("CID of " + text.length() + " characters");
    }
    // letters of other scripts may become ASCII letters in lower case
    if (!text.chars().allMatch(c -> c < 0x80)) {
      throw new InvalidImageRefException(quoted(text) + " is no CID");
    }
    byte[] bytes = decode(text);
    if (bytes.length < 2 || bytes[0] != 1) {
      throw new InvalidImageRefException(quoted(text) + " is no CID of version 1");
    }
    if (bytes[1] != RAW) {
      throw new InvalidImageRefException(
          "the CID " + quoted(text) + " does not name a file: its codec is not raw");
    }
    try {
      return ImageId.fromMultihash(Arrays.copyOfRange(bytes, 2, bytes.length));
    } catch (IllegalArgumentException e) {
      throw new InvalidImageRefException(
          "the CID "
              + quoted(text)
              + " does not name an image: its hash is no SHA3 of 28, 32, 48 or 64 bytes");
    }
  }

  private static byte[] decode(String text) {
    String digits = text.substring(1);
    return switch (text.charAt(0)) {
      case 'b', 'B' -> bits(digits.toLowerCase(Locale.ROOT), BASE32, 5);
      case 'f', 'F' -> bits(digits.toLowerCase(Locale.ROOT), BASE16, 4);
      case 'k', 'K' -> positional(digits.toLowerCase(Locale.ROOT), BASE36);
      case 'z' -> positional(digits, BASE58);
      default -> throw new InvalidImageRefException(quoted(text) + " is no CID");
    };
  }

  private static int digit(char c, String alphabet) {
    int digit = alphabet.indexOf(c);
    if (digit < 0) {
      throw new InvalidImageRefException(
          quoted(String.valueOf(c)) + " does not belong into a CID of this base");
    }
    return digit;
  }

  private static byte[] bits(String digits, String alphabet, int width) {
    byte[] bytes = new byte[digits.length() * width / 8];
    int buffer = 0;
    int have = 0;
    int at = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      buffer = buffer << width | digit(c, alphabet);
      have += width;
      if (have >= 8) {
        have -= 8;
        bytes[at++] = (byte) (buffer >>> have);
        buffer &= (1 << have) - 1;
      }
    }
    if (buffer != 0 || have >= width) {
      throw new InvalidImageRefException("CID does not end at a byte");
    }
    return bytes;
  }

  /** A leading zero digit is a zero byte: no CID of version 1 has one. */
  private static byte[] positional(String digits, String alphabet) {
    if (digits.indexOf(alphabet.charAt(0)) == 0) {
      throw new InvalidImageRefException("a CID of version 1 does not start with a zero byte");
    }
    BigInteger value = BigInteger.ZERO;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      value =
          value
              .multiply(BigInteger.valueOf(alphabet.length()))
              .add(BigInteger.valueOf(digit(c, alphabet)));
    }
    byte[] bytes = value.toByteArray();
    return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }
}
