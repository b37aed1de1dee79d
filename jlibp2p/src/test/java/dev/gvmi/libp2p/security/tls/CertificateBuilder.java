package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.HostKey;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Certificates that differ from a right one in what a test names. */
final class CertificateBuilder {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  final HostKey host = HostKey.generate(new SecureRandom());
  private final KeyPair key = newKey();
  private KeyPair signer = key;
  private ASN1Encodable name = new X500Name("CN=test");
  private Instant from = NOW.minus(Duration.ofHours(1));
  private Instant until = NOW.plus(Duration.ofHours(1));
  private final List<Extension> extensions = new ArrayList<>();

  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  KeyPair key() {
    return key;
  }

  /** With issuer and subject empty. */
  CertificateBuilder nameless() {
    name = new DERSequence();
    return this;
  }

  CertificateBuilder signedBy(KeyPair other) {
    signer = other;
    return this;
  }

  CertificateBuilder valid(Instant first, Instant last) {
    from = first;
    until = last;
    return this;
  }

  /** The libp2p extension as it should be, but for who signs and whether it is critical. */
  CertificateBuilder identity(HostKey signs, boolean critical) {
    return extension(PeerCertificate.EXTENSION, critical, identityValue(signs));
  }

  byte[] identityValue(HostKey signs) {
    byte[] signature = signs.sign(PeerCertificate.signedBytes(key.getPublic().getEncoded()));
    return encode(
        new DERSequence(
            new ASN1Encodable[] {
              new DEROctetString(host.publicKey().toProtobuf()), new DEROctetString(signature)
            }));
  }

  CertificateBuilder extension(String oid, boolean critical, byte[] value) {
    extensions.add(new Extension(new ASN1ObjectIdentifier(oid), critical, value));
    return this;
  }

  X509Certificate build() throws Exception {
    return parse(encoded());
  }

  byte[] encoded() throws Exception {
    AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    ASN1EncodableVector fields = new ASN1EncodableVector();
    fields.add(new DERTaggedObject(true, 0, new ASN1Integer(2)));
    fields.add(new ASN1Integer(BigInteger.ONE));
    fields.add(algorithm);
    fields.add(name);
    fields.add(
        new DERSequence(
            new ASN1Encodable[] {new Time(Date.from(from)), new Time(Date.from(until))}));
    fields.add(name);
    fields.add(SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
    if (!extensions.isEmpty()) {
      fields.add(
          new DERTaggedObject(true, 3, new Extensions(extensions.toArray(Extension[]::new))));
    }
    DERSequence body = new DERSequence(fields);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signer.getPrivate());
    signature.update(encode(body));
    return encode(
        new DERSequence(new ASN1Encodable[] {body, algorithm, new DERBitString(signature.sign())}));
  }

  static X509Certificate parse(byte[] der) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  static byte[] encode(ASN1Encodable value) {
    try {
      return value.toASN1Primitive().getEncoded("DER");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
