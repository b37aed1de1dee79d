package dev.gvmi.libp2p.security.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction's ChaCha20-Poly1305 key and nonce counter: the JDK's ChaCha20, our {@link
 * Poly1305}. Not thread-safe.
 *
 * <p><b>Source:</b> RFC 8439, section 2.8; Noise, section 5.1 (nonce: four zero bytes and the
 * counter, little-endian).
 */
final class CipherState {
  static final int TAG = Poly1305.TAG_BYTES;

  private static final int BLOCK = 64;
  private static final byte[] ZEROS = new byte[BLOCK];

  private final SecretKeySpec key;
  private final Cipher cipher;
  private final Poly1305 mac = new Poly1305();
  private final byte[] iv = new byte[12];
  private final ByteBuffer counter = ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] firstBlock = new byte[BLOCK];
  private final byte[] tag = new byte[TAG];
  private long nonce;

  CipherState(byte[] key) throws NoiseException {
    this.key = new SecretKeySpec(key, "ChaCha20");
    try {
      cipher = Cipher.getInstance("ChaCha20");
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: no ChaCha20", e);
    }
  }

  byte[] encrypt(byte[] ad, byte[] text) throws NoiseException {
    byte[] out = new byte[text.length + TAG];
    seal(ad, text, text.length, out, 0);
    return out;
  }

  byte[] decrypt(byte[] ad, byte[] text) throws NoiseException {
    if (text.length < TAG) {
      throw new NoiseException("noise: message shorter than its tag");
    }
    byte[] out = new byte[text.length - TAG];
    open(ad, text, text.length, out, 0);
    return out;
  }

  /** Encrypts {@code length} bytes; {@code out} gets as many from {@code at} on, and the tag. */
  int seal(byte[] ad, byte[] in, int length, byte[] out, int at) throws NoiseException {
    try {
      begin();
      cipher.update(in, 0, length, out, at);
      authenticate(ad, out, at, length);
      System.arraycopy(tag, 0, out, at + length, TAG);
      nonce++;
      return length + TAG;
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: message cannot be sealed", e);
    }
  }

  /**
   * Checks and decrypts {@code length} bytes, the tag at their end; says how many bytes of text
   * there are.
   */
  int open(byte[] ad, byte[] in, int length, byte[] out, int at) throws NoiseException {
    int text = length - TAG;
    try {
      begin();
      authenticate(ad, in, 0, text);
      if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(in, text, length))) {
        throw new NoiseException("noise: message does not authenticate");
      }
      cipher.update(in, 0, text, out, at);
      nonce++;
      return text;
    } catch (GeneralSecurityException e) {
      throw new NoiseException("noise: message cannot be opened", e);
    }
  }

  /**
   * The first block of the key stream is the authenticator's key; the text begins at the second.
   */
  private void begin() throws GeneralSecurityException, NoiseException {
    if (nonce == -1L) {
      throw new NoiseException("noise: nonces used up");
    }
    counter.putLong(4, nonce);
    cipher.init(Cipher.ENCRYPT_MODE, key, new ChaCha20ParameterSpec(iv, 0));
    cipher.update(ZEROS, 0, BLOCK, firstBlock, 0);
    mac.init(firstBlock);
  }

  private void authenticate(byte[] ad, byte[] text, int at, int length) {
    mac.update(ad, 0, ad.length);
    mac.update(text, at, length);
    mac.finish(ad.length, length, tag, 0);
  }
}
