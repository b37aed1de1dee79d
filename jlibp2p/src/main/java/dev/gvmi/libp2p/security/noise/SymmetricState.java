package dev.gvmi.libp2p.security.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The chaining key and transcript hash of a handshake. */
final class SymmetricState {
  private byte[] hash = "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(StandardCharsets.US_ASCII);
  private byte[] chain = hash.clone();
  private @Nullable CipherState cipher;

  void mixHash(byte[] data) throws NoiseException {
    try {
      hash = MessageDigest.getInstance("SHA-256").digest(X25519.join(hash, data));
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: no SHA-256", e);
    }
  }

  void mixKey(byte[] input) throws NoiseException {
    byte[][] keys = hkdf(input);
    chain = keys[0];
    cipher = new CipherState(keys[1]);
  }

  byte[] encryptAndHash(byte[] text) throws NoiseException {
    byte[] out = cipher == null ? text : cipher.encrypt(hash, text);
    mixHash(out);
    return out;
  }

  byte[] decryptAndHash(byte[] text) throws NoiseException {
    byte[] out = cipher == null ? text : cipher.decrypt(hash, text);
    mixHash(text);
    return out;
  }

  NoiseTransport split(boolean initiator) throws NoiseException {
    byte[][] keys = hkdf(new byte[0]);
    CipherState first = new CipherState(keys[0]);
    CipherState second = new CipherState(keys[1]);
    return initiator ? new NoiseTransport(first, second) : new NoiseTransport(second, first);
  }

  private byte[][] hkdf(byte[] input) throws NoiseException {
    byte[] temp = hmac(chain, input);
    byte[] one = hmac(temp, new byte[] {1});
    byte[] tail = Arrays.copyOf(one, one.length + 1);
    tail[one.length] = 2;
    return new byte[][] {one, hmac(temp, tail)};
  }

  private static byte[] hmac(byte[] key, byte[] data) throws NoiseException {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: no HmacSHA256", e);
    }
  }
}
