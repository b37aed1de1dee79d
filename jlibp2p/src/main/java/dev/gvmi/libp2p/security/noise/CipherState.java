package dev.gvmi.libp2p.security.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** One direction's ChaCha20-Poly1305 key and nonce counter. Not thread-safe. */
final class CipherState {
  static final int TAG = 16;
  private final SecretKeySpec key;
  private final Cipher cipher;
  private final byte[] iv = new byte[12];
  private final ByteBuffer counter = ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN);
  private long nonce;

  CipherState(byte[] key) throws NoiseException {
    this.key = new SecretKeySpec(key, "ChaCha20");
    try {
      cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: no ChaCha20-Poly1305", e);
    }
  }

  byte[] encrypt(byte[] ad, byte[] text) throws NoiseException {
    byte[] out = new byte[text.length + TAG];
    apply(Cipher.ENCRYPT_MODE, ad, text, text.length, out, 0);
    return out;
  }

  byte[] decrypt(byte[] ad, byte[] text) throws NoiseException {
    if (text.length < TAG) {
      throw new NoiseException("noise: message shorter than its tag");
    }
    byte[] out = new byte[text.length - TAG];
    apply(Cipher.DECRYPT_MODE, ad, text, text.length, out, 0);
    return out;
  }

  int apply(int mode, byte[] ad, byte[] in, int length, byte[] out, int at)
      throws NoiseException {
    if (nonce == -1L) {
      throw new NoiseException("noise: nonces used up");
    }
    try {
      counter.putLong(4, nonce);
      cipher.init(mode, key, new IvParameterSpec(iv));
      cipher.updateAAD(ad);
      int size = cipher.doFinal(in, 0, length, out, at);
      nonce++;
      return size;
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: message does not authenticate", e);
    }
  }
}
