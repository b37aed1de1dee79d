package dev.gvmi.libp2p.security.noise;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** X25519 on raw little-endian keys. DER wrapping leaves the byte order to the JDK. */
final class X25519 {
  static final int SIZE = 32;
  private static final byte[] PUBLIC = HexFormat.of().parseHex("302a300506032b656e032100");
  private static final byte[] PRIVATE = HexFormat.of().parseHex("302e020100300506032b656e04220420");

  private X25519() {}

  static KeyPair generate(SecureRandom random) throws NoiseException {
    byte[] secret = new byte[SIZE];
    random.nextBytes(secret);
    return pair(secret);
  }

  static KeyPair pair(byte[] secret) throws NoiseException {
    byte[] base = new byte[SIZE];
    base[0] = 9;
    return new KeyPair(secret.clone(), agree(secret, base));
  }

  static byte[] agree(byte[] secret, byte[] point) throws NoiseException {
    try {
      KeyFactory keys = KeyFactory.getInstance("X25519");
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(keys.generatePrivate(new PKCS8EncodedKeySpec(join(PRIVATE, secret))));
      agreement.doPhase(keys.generatePublic(new X509EncodedKeySpec(join(PUBLIC, point))), true);
      return rejectZero(agreement.generateSecret());
    } catch (GeneralSecurityException | IllegalStateException e) {
      throw new NoiseException("noise: bad X25519 key", e);
    }
  }

  private static byte[] rejectZero(byte[] shared) throws NoiseException {
    int bits = 0;
    for (byte b : shared) {
      bits |= b;
    }
    if (bits == 0) {
      throw new NoiseException("noise: all-zero X25519 result");
    }
    return shared;
  }

  static byte[] join(byte[] a, byte[] b) {
    byte[] out = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }

  /** A raw key pair. */
  @SuppressWarnings("ArrayRecordComponent")
  record KeyPair(byte[] secret, byte[] point) {}
}
