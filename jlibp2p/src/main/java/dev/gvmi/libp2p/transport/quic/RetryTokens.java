package dev.gvmi.libp2p.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Lets a peer prove that it gets packets at its address, before anything is spent on it: it must
 * send back a token that only this listener can make, for this address and the next few seconds.
 *
 * <p><b>Shape:</b>
 *
 * <pre>
 *   offset  size   field
 *   0       8      milliseconds since 1970, when it was made, big-endian
 *   8       32     HMAC-SHA256 of the time, the address, the port and the connection id
 *   40      0..20  destination connection id of the peer's first packet
 * </pre>
 *
 * <p><b>Thread:</b> event loop of the listener.
 *
 * <p><b>Source:</b> RFC 9000, 8.1.2 Address Validation Using Retry Packets, and 8.1.4.
 */
final class RetryTokens implements QuicTokenHandler {
  static final Duration VALID = Duration.ofSeconds(10);

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int MAC_BYTES = 32;
  private static final int ID_OFFSET = Long.BYTES + MAC_BYTES;
  private static final int INVALID = -1;

  private final SecretKeySpec key;
  private final InstantSource clock;

  RetryTokens(SecureRandom random, InstantSource clock) {
    byte[] secret = new byte[KEY_BYTES];
    random.nextBytes(secret);
    this.key = new SecretKeySpec(secret, ALGORITHM);
    this.clock = clock;
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
    long now = clock.millis();
    byte[] id = ByteBufUtil.getBytes(dcid);
    out.writeLong(now).writeBytes(mac(now, address, id)).writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    byte[] sent = ByteBufUtil.getBytes(token);
    if (sent.length < ID_OFFSET || sent.length > maxTokenLength()) {
      return INVALID;
    }
    long made = ByteBuffer.wrap(sent).getLong();
    long age = clock.millis() - made;
    byte[] id = Arrays.copyOfRange(sent, ID_OFFSET, sent.length);
    byte[] mac = Arrays.copyOfRange(sent, Long.BYTES, ID_OFFSET);
    boolean isOurs = MessageDigest.isEqual(mac, mac(made, address, id));
    return isOurs && age >= 0 && age <= VALID.toMillis() ? ID_OFFSET : INVALID;
  }

  private byte[] mac(long made, InetSocketAddress address, byte[] id) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(
          ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
              .putLong(made)
              .putInt(address.getPort())
              .flip());
      byte[] ip = address.getAddress().getAddress();
      mac.update((byte) ip.length);
      mac.update(ip);
      return mac.doFinal(id);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, e);
    }
  }

  @Override
  public int maxTokenLength() {
    return ID_OFFSET + Quic.MAX_CONN_ID_LEN;
  }
}
