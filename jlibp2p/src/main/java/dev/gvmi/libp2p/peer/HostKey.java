package dev.gvmi.libp2p.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.proto.KeyType;
import dev.gvmi.libp2p.proto.PrivateKeyMessage;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The Ed25519 private key that gives a host its identity. Immutable.
 *
 * <p><b>Shape:</b> protobuf of type and data; data is seed and public key (32 + 32), or the old
 * form with the public key twice.
 *
 * <p><b>Source:</b> libp2p specification, peer-ids.
 */
public final class HostKey {
  private static final int SEED_BYTES = 32;
  private static final byte[] PKCS8_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");
  private static final byte[] PROBE = {1};

  private final byte[] seed;
  private final PrivateKey key;
  private final byte[] point;
  private final PublicKey publicKey;

  private HostKey(byte[] seed, byte[] point) {
    this.seed = seed;
    this.point = point;
    this.key = privateKey(seed);
    this.publicKey = PublicKey.ofEd25519(point);
  }

  private static PrivateKey privateKey(byte[] seed) {
    byte[] pkcs8 = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + SEED_BYTES);
    System.arraycopy(seed, 0, pkcs8, PKCS8_PREFIX.length, SEED_BYTES);
    try {
      return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  public static HostKey generate(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, random);
      KeyPair pair = generator.generateKeyPair();
      byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
      byte[] spki = pair.getPublic().getEncoded();
      byte[] point = Arrays.copyOfRange(spki, spki.length - SEED_BYTES, spki.length);
      return new HostKey(seed, point);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  /**
   * From the private key protobuf; {@link IllegalArgumentException} if malformed or not Ed25519.
   */
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
    byte[] point = Arrays.copyOfRange(data, SEED_BYTES, 2 * SEED_BYTES);
    boolean alike =
        data.length == 64 || Arrays.equals(point, Arrays.copyOfRange(data, 64, data.length));
    HostKey key = new HostKey(Arrays.copyOf(data, SEED_BYTES), point);
    if (!alike || !key.publicKey.verify(PROBE, key.sign(PROBE))) {
      throw new IllegalArgumentException("private key holds another public key");
    }
    return key;
  }

  public byte[] toProtobuf() {
    return PrivateKeyMessage.newBuilder()
        .setType(KeyType.ED25519)
        .setData(ByteString.copyFrom(seed).concat(ByteString.copyFrom(point)))
        .build()
        .toByteArray();
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public PeerId peerId() {
    return PeerId.of(publicKey());
  }

  /** The 64-byte Ed25519 signature over {@code message}. */
  public byte[] sign(byte[] message) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(key);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a message cannot be signed", e);
    }
  }

  @Override
  public String toString() {
    return "key of " + peerId();
  }
}
