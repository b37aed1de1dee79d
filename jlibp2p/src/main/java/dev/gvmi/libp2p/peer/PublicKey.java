package dev.gvmi.libp2p.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.proto.KeyType;
import dev.gvmi.libp2p.proto.PublicKeyMessage;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * A peer's public key (Ed25519, secp256k1, ECDSA or RSA). Immutable, equal by bytes.
 *
 * <p><b>Shape:</b> protobuf of type and data, fields in order, the type always written. Data:
 * Ed25519 32 raw bytes, secp256k1 33 bytes compressed, ECDSA and RSA SubjectPublicKeyInfo.
 *
 * <p><b>Source:</b> libp2p specification, peer-ids.
 */
public final class PublicKey {
  private static final int MAX_BYTES = 4096;
  private static final byte[] ED25519_SPKI_PREFIX = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private final KeyType type;
  private final byte[] data;

  private PublicKey(KeyType type, byte[] data) {
    this.type = type;
    this.data = data;
  }

  /** An Ed25519 key from its 32 raw bytes. */
  public static PublicKey ofEd25519(byte[] raw) {
    return checked(KeyType.ED25519, raw.clone());
  }

  /** From the key protobuf; {@link IllegalArgumentException} if malformed. */
  public static PublicKey fromProtobuf(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("public key of " + bytes.length + " bytes");
    }
    try {
      PublicKeyMessage message = PublicKeyMessage.parseFrom(bytes);
      return checked(message.getType(), message.getData().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed public key", e);
    }
  }

  private static PublicKey checked(KeyType type, byte[] data) {
    boolean plausible =
        switch (type) {
          case ED25519 -> data.length == 32;
          case SECP256K1 -> data.length == 33 && (data[0] == 2 || data[0] == 3);
          case ECDSA, RSA -> data.length > 0;
        };
    if (!plausible) {
      throw new IllegalArgumentException(type + " public key of " + data.length + " bytes");
    }
    return new PublicKey(type, data);
  }

  public byte[] toProtobuf() {
    return PublicKeyMessage.newBuilder()
        .setType(type)
        .setData(ByteString.copyFrom(data))
        .build()
        .toByteArray();
  }

  /** Whether {@code signature} over {@code message} is this key's; false too for a broken key. */
  public boolean verify(byte[] message, byte[] signature) {
    try {
      return switch (type) {
        case ED25519 -> verify("Ed25519", "Ed25519", ed25519Spki(), message, signature);
        case ECDSA -> verify("EC", "SHA256withECDSA", data, message, signature);
        case RSA -> verify("RSA", "SHA256withRSA", data, message, signature);
        case SECP256K1 -> verifySecp256k1(message, signature);
      };
    } catch (GeneralSecurityException | IllegalArgumentException | ArithmeticException e) {
      return false;
    }
  }

  private byte[] ed25519Spki() {
    byte[] spki = Arrays.copyOf(ED25519_SPKI_PREFIX, ED25519_SPKI_PREFIX.length + data.length);
    System.arraycopy(data, 0, spki, ED25519_SPKI_PREFIX.length, data.length);
    return spki;
  }

  private static boolean verify(
      String key, String algorithm, byte[] spki, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(KeyFactory.getInstance(key).generatePublic(new X509EncodedKeySpec(spki)));
    verifier.update(message);
    return verifier.verify(signature);
  }

  private boolean verifySecp256k1(byte[] message, byte[] signature)
      throws GeneralSecurityException {
    X9ECParameters curve = SECNamedCurves.getByName("secp256k1");
    ECDSASigner signer = new ECDSASigner();
    signer.init(
        false,
        new ECPublicKeyParameters(
            curve.getCurve().decodePoint(data), new ECDomainParameters(curve)));
    ASN1Sequence der = ASN1Sequence.getInstance(signature);
    if (der.size() != 2) {
      return false;
    }
    return signer.verifySignature(
        MessageDigest.getInstance("SHA-256").digest(message),
        ASN1Integer.getInstance(der.getObjectAt(0)).getPositiveValue(),
        ASN1Integer.getInstance(der.getObjectAt(1)).getPositiveValue());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey key && key.type == type && Arrays.equals(key.data, data);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return type + " key of " + PeerId.of(this);
  }
}
