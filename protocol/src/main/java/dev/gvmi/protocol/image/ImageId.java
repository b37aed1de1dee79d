package dev.gvmi.protocol.image;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The name of an image: the SHA3 digest of its file. Immutable, equal by digest; its text is
 * lower-case hex.
 */
public final class ImageId implements Comparable<ImageId> {
  private final DigestAlgorithm algorithm;
  private final byte[] digest;

  private ImageId(DigestAlgorithm algorithm, byte[] digest) {
    this.algorithm = algorithm;
    this.digest = digest;
  }

  /** {@link InvalidImageRefException} unless 56, 64, 96 or 128 hex digits. */
  public static ImageId parseHex(String hex) {
    DigestAlgorithm algorithm =
        DigestAlgorithm.ofDigestBytes(hex.length() % 2 == 0 ? hex.length() / 2 : 0)
            .orElseThrow(() ->
                new InvalidImageRefException(
                    "a hash has 56, 64, 96 or 128 hex digits, not " + hex.length()));
    if (!hex.matches("[0-9a-fA-F]+")) {
      throw new InvalidImageRefException(
          InvalidImageRefException.quoted(hex) + " has characters that are no hex digits");
    }
    return new ImageId(algorithm, HexFormat.of().parseHex(hex.toLowerCase(Locale.ROOT)));
  }

  public static ImageId of(DigestAlgorithm algorithm, byte[] digest) {
    if (digest.length != algorithm.digestBytes()) {
      throw new IllegalArgumentException(algorithm + " digest of " + digest.length + " bytes");
    }
    return new ImageId(algorithm, digest.clone());
  }

  /** {@link IllegalArgumentException} unless a SHA3 multihash of exact length. */
  public static ImageId fromMultihash(byte[] multihash) {
    if (multihash.length > 2) {
      DigestAlgorithm algorithm = DigestAlgorithm.ofMultihashCode(multihash[0]).orElse(null);
      if (algorithm != null
          && multihash[1] == algorithm.digestBytes()
          && multihash.length == 2 + algorithm.digestBytes()) {
        return new ImageId(algorithm, Arrays.copyOfRange(multihash, 2, multihash.length));
      }
    }
    throw new IllegalArgumentException(
        "no SHA3 multihash: "
            + HexFormat.of().formatHex(multihash, 0, Math.min(4, multihash.length))
            + ".. of "
            + multihash.length
            + " bytes");
  }

  public DigestAlgorithm algorithm() {
    return algorithm;
  }

  public byte[] digest() {
    return digest.clone();
  }

  /** Code, length, digest: how an image is named on the wire. */
  public byte[] multihash() {
    byte[] multihash = new byte[2 + digest.length];
    multihash[0] = (byte) algorithm.multihashCode();
    multihash[1] = (byte) digest.length;
    System.arraycopy(digest, 0, multihash, 2, digest.length);
    return multihash;
  }

  public String hex() {
    return HexFormat.of().formatHex(digest);
  }

  @Override
  public int compareTo(ImageId other) {
    return Arrays.compareUnsigned(digest, other.digest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageId id && Arrays.equals(id.digest, digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  @Override
  public String toString() {
    return hex();
  }
}
