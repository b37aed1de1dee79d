package dev.gvmi.node.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Names as they lie in a tar: any bytes but zero, one per character of a string, so that comparing
 * strings compares bytes and nothing is lost.
 */
public final class ByteText {
  private ByteText() {}

  public static String of(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, ISO_8859_1);
  }

  /** The bytes of text that a person wrote. */
  public static String fromUtf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  /** As a person reads it; control characters are shown as {@code ?}. */
  public static String toUtf8(String name) {
    return new String(name.getBytes(ISO_8859_1), UTF_8).replaceAll("\\p{Cntrl}", "?");
  }

  static byte[] bytes(String name) {
    return name.getBytes(ISO_8859_1);
  }
}
