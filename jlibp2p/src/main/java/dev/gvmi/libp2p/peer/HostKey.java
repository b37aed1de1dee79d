package dev.gvmi.libp2p.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.proto.KeyType;
import dev.gvmi.libp2p.proto.PrivateKeyMessage;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;

/**
 * The Ed25519 private key that gives a host its identity. Immutable.
 *
 * <p><b>Shape:</b> protobuf of type and data; data is seed and public key (32 + 32), or the old form with the public
 * key twice.
 *
 * <p><b>Source:</b> libp2p specification, peer-ids.
 */
public final class HostKey {
  private static final int SEED_BYTES = 32;

  private final Ed25519PrivateKeyParameters key;
  private final byte[] publicBytes;

  private HostKey(byte[] seed) {
    this.key = new Ed25519PrivateKeyParameters(seed, 0);
    this.publicBytes = key.generatePublicKey().getEncoded();
  }

  public static HostKey generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new HostKey(seed);
  }

  /** From the private key protobuf; {@link IllegalArgumentException} if malformed or not Ed25519. */
  public static HostKey fromProtobuf(byte[] bytes) {
    PrivateKeyMessage message;
    try {
      message = PrivateKeyMessage.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed private key", e);
    }
    byte[] data = message.getData().toByteArray();
    if (message.getType() != KeyType.ED25519 || (data.length != 64 && data.length != 96)) {
      throw new IllegalArgumentException(
          "not an Ed25519 private key: " + message.getType() + " of " + data.length + " bytes");
    }
    HostKey key = new HostKey(Arrays.copyOf(data, SEED_BYTES));
    for (int at = SEED_BYTES; at < data.length; at += SEED_BYTES) {
      if (!Arrays.equals(key.publicBytes, Arrays.copyOfRange(data, at, at + SEED_BYTES))) {
        throw new IllegalArgumentException("private key holds another public key");
      }
    }
    return key;
  }

  public byte[] toProtobuf() {
    return PrivateKeyMessage.newBuilder()
        .setType(KeyType.ED25519)
        .setData(
            ByteString.copyFrom(key.getEncoded()).concat(ByteString.copyFrom(publicBytes)))
        .build()
        .toByteArray();
  }

  public PublicKey publicKey() {
    return PublicKey.ofEd25519(publicBytes);
  }

  public PeerId peerId() {
    return PeerId.of(publicKey());
  }

  /** The 64-byte Ed25519 signature over {@code message}. */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[64];
    key.sign(
        org.bouncycastle.math.ec.rfc8032.Ed25519.Algorithm.Ed25519,
        null,
        message,
        0,
        message.length,
        signature,
        0);
    return signature;
  }

  @Override
  public String toString() {
    return "key of " + peerId();
  }
}
