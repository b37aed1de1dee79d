package dev.gvmi.libp2p.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.Quic;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class RetryTokensTest {
  private static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 4001);
  private static final int ID_OFFSET = 40;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private final RetryTokens tokens = new RetryTokens(new SecureRandom(), clock);

  private byte[] token(int idBytes) {
    ByteBuf out = Unpooled.buffer();
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(id(idBytes)), PEER)).isTrue();
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] id(int bytes) {
    byte[] id = new byte[bytes];
    Arrays.fill(id, (byte) 7);
    return id;
  }

  private int validate(byte[] token, InetSocketAddress from) {
    return tokens.validateToken(Unpooled.wrappedBuffer(token), from);
  }

  @Test
  void takesItsOwnTokensAndFindsTheConnectionIdInThem() {
    for (int bytes : new int[] {0, 8, Quic.MAX_CONN_ID_LEN}) {
      byte[] token = token(bytes);
      assertThat(token.length).isLessThanOrEqualTo(tokens.maxTokenLength());
      assertThat(validate(token, PEER)).isEqualTo(ID_OFFSET);
      assertThat(Arrays.copyOfRange(token, ID_OFFSET, token.length)).isEqualTo(id(bytes));
    }
  }

  @Test
  void refusesOneThatWasSentFromElsewhere() {
    byte[] token = token(8);
    assertThat(validate(token, new InetSocketAddress("192.0.2.2", 4001))).isNegative();
    assertThat(validate(token, new InetSocketAddress("192.0.2.1", 4002))).isNegative();
    assertThat(validate(token, new InetSocketAddress("::1", 4001))).isNegative();
  }

  @Test
  void refusesOneAfterItsTimeOrFromTheFuture() {
    byte[] token = token(8);
    Instant made = now;
    now = made.plus(RetryTokens.VALID);
    assertThat(validate(token, PEER)).isEqualTo(ID_OFFSET);
    now = made.plus(RetryTokens.VALID).plusMillis(1);
    assertThat(validate(token, PEER)).isNegative();
    now = made.minusMillis(1);
    assertThat(validate(token, PEER)).isNegative();
  }

  @Test
  void refusesOneWithAnyBitChangedOrCutAnywhereOrLonger() {
    byte[] token = token(8);
    for (int bit = 0; bit < token.length * 8; bit++) {
      byte[] changed = token.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(validate(changed, PEER)).as("bit %d", bit).isNegative();
    }
    for (int length = 0; length < token.length; length++) {
      assertThat(validate(Arrays.copyOf(token, length), PEER)).as("%d", length).isNegative();
    }
    assertThat(validate(Arrays.copyOf(token, token.length + 1), PEER)).isNegative();
    assertThat(validate(new byte[tokens.maxTokenLength() + 1], PEER)).isNegative();
  }

  @Test
  void refusesThoseOfAnother() {
    byte[] token = token(8);
    RetryTokens other = new RetryTokens(new SecureRandom(), clock);
    assertThat(other.validateToken(Unpooled.wrappedBuffer(token), PEER)).isNegative();
  }
}
