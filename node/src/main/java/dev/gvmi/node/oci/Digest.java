package dev.gvmi.node.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of a blob: {@code sha256:<64 hex digits>} or {@code sha512:<128>}. Source: OCI image
 * specification, Descriptor.
 */
record Digest(String algorithm, String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  static Digest parse(String text) throws InvalidSourceException {
    int colon = text.indexOf(':');
    Digest digest = new Digest(text.substring(0, Math.max(0, colon)), text.substring(colon + 1));
    int digits =
        switch (digest.algorithm) {
          case "sha256" -> 64;
          case "sha512" -> 128;
          default -> -1;
        };
    if (digest.hex.length() != digits || !HEX.matcher(digest.hex).matches()) {
      String shown = text.length() > 160 ? text.substring(0, 160) + "..." : text;
      throw new InvalidSourceException(
          "\"" + shown + "\" is no digest that is known here (sha256, sha512)");
    }
    return digest;
  }

  MessageDigest start() {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK has no " + algorithm, e);
    }
  }

  boolean matches(MessageDigest digested) {
    return HexFormat.of().formatHex(digested.digest()).equals(hex);
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
