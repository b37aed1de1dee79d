package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class CipherStateTest {
  @Test
  void equalsTheCipherOfTheJdk() throws Exception {
    Random random = new Random(8);
    byte[] key = new byte[32];
    random.nextBytes(key);
    CipherState sender = new CipherState(key);
    CipherState receiver = new CipherState(key);
    for (long nonce = 0; nonce < 700; nonce++) {
      byte[] text = new byte[nonce < 300 ? (int) nonce : random.nextInt(66_000)];
      random.nextBytes(text);
      byte[] ad = new byte[random.nextInt(40)];
      byte[] sealed = sender.encrypt(ad, text);
      assertThat(sealed).isEqualTo(jdk(key, nonce, ad, text));
      assertThat(receiver.decrypt(ad, sealed)).isEqualTo(text);
    }
  }

  private static byte[] jdk(byte[] key, long nonce, byte[] ad, byte[] text) throws Exception {
    byte[] iv =
        ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putLong(nonce).array();
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(iv));
    cipher.updateAAD(ad);
    return cipher.doFinal(text);
  }

  @Test
  void refusesEveryFlippedBit() throws Exception {
    byte[] key = new byte[32];
    byte[] text = {1, 2, 3};
    byte[] sealed = new CipherState(key).encrypt(new byte[0], text);
    for (int bit = 0; bit < 8 * sealed.length; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      CipherState receiver = new CipherState(key);
      assertThatThrownBy(() -> receiver.decrypt(new byte[0], changed))
          .isInstanceOf(NoiseException.class);
    }
  }

  @Test
  void carriesRunThroughAllLimbs() {
    // All ones in key and message make every carry happen; p is 2^130 - 5.
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) 0xff);
    Poly1305 mac = new Poly1305();
    mac.init(key);
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) 0xff);
    mac.update(ones, 0, ones.length);
    byte[] tag = new byte[16];
    mac.finish(-1L, -1L, tag, 0);
    assertThat(HexFormat.of().formatHex(tag)).isEqualTo(reference(key, ones));
  }

  private static String reference(byte[] key, byte[] message) {
    BigInteger p = BigInteger.ONE.shiftLeft(130).subtract(BigInteger.valueOf(5));
    BigInteger r =
        little(Arrays.copyOf(key, 16)).and(new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16));
    BigInteger h = BigInteger.ZERO;
    byte[] all = Arrays.copyOf(message, message.length + 16);
    Arrays.fill(all, message.length, all.length, (byte) 0xff);
    for (int at = 0; at < all.length; at += 16) {
      BigInteger block = little(Arrays.copyOfRange(all, at, at + 16)).setBit(128);
      h = h.add(block).multiply(r).mod(p);
    }
    byte[] sum = h.add(little(Arrays.copyOfRange(key, 16, 32))).toByteArray();
    byte[] tag = new byte[16];
    for (int i = 0; i < 16 && i < sum.length; i++) {
      tag[i] = sum[sum.length - 1 - i];
    }
    return HexFormat.of().formatHex(tag);
  }

  private static BigInteger little(byte[] bytes) {
    byte[] big = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      big[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, big);
  }
}
