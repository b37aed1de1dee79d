package dev.gvmi.libp2p.security;

import com.google.protobuf.ByteString;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.proto.KeyType;
import dev.gvmi.libp2p.proto.PublicKeyMessage;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/** The identity of a peer, with a key of any type that libp2p knows; our own are Ed25519. */
public record PeerKey(String type, PublicKey publicKey, Signer signer) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Signs as the peer. */
  @FunctionalInterface
  public interface Signer {
    byte[] sign(byte[] message) throws GeneralSecurityException;
  }

  public PeerId peerId() {
    return PeerId.of(publicKey);
  }

  public byte[] sign(byte[] message) {
    try {
      return signer.sign(message);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** One of each type. */
  public static Stream<PeerKey> ofEachType() {
    try {
      return Stream.of(ed25519(), ecdsa(), rsa(), secp256k1());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static PeerKey ed25519() {
    HostKey key = HostKey.generate(RANDOM);
    return new PeerKey("Ed25519", key.publicKey(), key::sign);
  }

  private static PeerKey ecdsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return ofJava(KeyType.ECDSA, generator.generateKeyPair(), "SHA256withECDSA");
  }

  private static PeerKey rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return ofJava(KeyType.RSA, generator.generateKeyPair(), "SHA256withRSA");
  }

  private static PeerKey ofJava(KeyType type, KeyPair pair, String algorithm) {
    return new PeerKey(
        type.name(),
        publicKey(type, pair.getPublic().getEncoded()),
        message -> {
          Signature signature = Signature.getInstance(algorithm);
          signature.initSign(pair.getPrivate());
          signature.update(message);
          return signature.sign();
        });
  }

  private static PeerKey secp256k1() {
    X9ECParameters curve = SECNamedCurves.getByName("secp256k1");
    BigInteger secret = new BigInteger(255, RANDOM).add(BigInteger.ONE);
    byte[] point = curve.getG().multiply(secret).getEncoded(true);
    ECPrivateKeyParameters key = new ECPrivateKeyParameters(secret, new ECDomainParameters(curve));
    return new PeerKey(
        "secp256k1", publicKey(KeyType.SECP256K1, point), message -> ecdsa(key, message));
  }

  private static byte[] ecdsa(ECPrivateKeyParameters key, byte[] message)
      throws GeneralSecurityException {
    ECDSASigner signer = new ECDSASigner();
    signer.init(true, key);
    ASN1EncodableVector der = new ASN1EncodableVector();
    for (BigInteger part :
        signer.generateSignature(MessageDigest.getInstance("SHA-256").digest(message))) {
      der.add(new ASN1Integer(part));
    }
    try {
      return new DERSequence(der).getEncoded();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PublicKey publicKey(KeyType type, byte[] data) {
    return PublicKey.fromProtobuf(
        PublicKeyMessage.newBuilder()
            .setType(type)
            .setData(ByteString.copyFrom(data))
            .build()
            .toByteArray());
  }

  @Override
  public String toString() {
    return type;
  }
}
