package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class NoiseHandshakeTest {
  private final SecureRandom random = new SecureRandom();
  private static final byte[] NONE = new byte[0];

  private NoiseHandshake side(boolean initiator) throws NoiseException {
    return new NoiseHandshake(
        initiator, NONE, X25519.generate(random), X25519.generate(random));
  }

  @Test
  void bothSidesAgree() throws Exception {
    NoiseHandshake a = side(true);
    NoiseHandshake b = side(false);
    b.read(a.write(NONE));
    a.read(b.write(NONE));
    b.read(a.write(NONE));
    byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
    byte[] sealed = a.split().sender().encrypt(NONE, text);
    assertThat(b.split().receiver().decrypt(NONE, sealed)).isEqualTo(text);
  }

  @Test
  void refusesFlippedBit() throws Exception {
    NoiseHandshake a = side(true);
    NoiseHandshake b = side(false);
    b.read(a.write(NONE));
    byte[] second = b.write(NONE);
    second[40] ^= 1;
    assertThatThrownBy(() -> a.read(second)).isInstanceOf(NoiseException.class);
  }
}
