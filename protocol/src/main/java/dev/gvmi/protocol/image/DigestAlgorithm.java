package dev.gvmi.protocol.image;

import java.util.Optional;

/** A SHA-3 digest size, with its multihash code. */
public enum DigestAlgorithm {
  SHA3_224(0x17, 28),
  SHA3_256(0x16, 32),
  SHA3_384(0x15, 48),
  SHA3_512(0x14, 64);

  private final int multihashCode;
  private final int digestBytes;

  DigestAlgorithm(int multihashCode, int digestBytes) {
    this.multihashCode = multihashCode;
    this.digestBytes = digestBytes;
  }

  public int multihashCode() {
    return multihashCode;
  }

  public int digestBytes() {
    return digestBytes;
  }

  /** Bytes absorbed per permutation. */
  public int rateBytes() {
    return 200 - 2 * digestBytes;
  }

  public static Optional<DigestAlgorithm> ofDigestBytes(int digestBytes) {
    for (DigestAlgorithm a : values()) {
      if (a.digestBytes == digestBytes) {
        return Optional.of(a);
      }
    }
    return Optional.empty();
  }

  public static Optional<DigestAlgorithm> ofMultihashCode(long code) {
    for (DigestAlgorithm a : values()) {
      if (a.multihashCode == code) {
        return Optional.of(a);
      }
    }
    return Optional.empty();
  }
}
