package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.HostKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * The certificate that a host shows, with its private key: a fresh P-256 key, signed by itself,
 * with the host key and its signature in the extension (see {@link PeerCertificate}). Immutable.
 *
 * @param key the certificate's private key, not the host key
 */
public record TlsCertificate(PrivateKey key, X509Certificate certificate) {
  /** For peers whose clock is late. */
  private static final Duration BEFORE = Duration.ofHours(1);

  private static final Duration AFTER = Duration.ofDays(365 * 100);
  private static final int SERIAL_BITS = 63;

  /** A new certificate for the host, valid for longer than the host lives. */
  public static TlsCertificate issue(HostKey host, SecureRandom random, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      AlgorithmIdentifier algorithm =
          new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
      TBSCertificate body = body(host, pair, algorithm, new BigInteger(SERIAL_BITS, random), now);
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(pair.getPrivate(), random);
      signer.update(body.getEncoded("DER"));
      ASN1EncodableVector parts = new ASN1EncodableVector();
      parts.add(body);
      parts.add(algorithm);
      parts.add(new DERBitString(signer.sign()));
      byte[] encoded = new DERSequence(parts).getEncoded("DER");
      return new TlsCertificate(
          pair.getPrivate(),
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(encoded)));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a certificate cannot be made with this Java", e);
    }
  }

  private static TBSCertificate body(
      HostKey host, KeyPair pair, AlgorithmIdentifier algorithm, BigInteger serial, Instant now)
      throws IOException {
    byte[] spki = pair.getPublic().getEncoded();
    X500Name name = new X500Name("O=libp2p.io,SERIALNUMBER=" + serial);
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new ASN1Integer(serial.add(BigInteger.ONE)));
    generator.setSignature(algorithm);
    generator.setIssuer(name);
    generator.setSubject(name);
    generator.setStartDate(new Time(Date.from(now.minus(BEFORE))));
    generator.setEndDate(new Time(Date.from(now.plus(AFTER))));
    generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(spki));
    generator.setExtensions(new Extensions(extension(host, spki)));
    return generator.generateTBSCertificate();
  }

  private static Extension extension(HostKey host, byte[] spki) throws IOException {
    ASN1EncodableVector fields = new ASN1EncodableVector();
    fields.add(new DEROctetString(host.publicKey().toProtobuf()));
    fields.add(new DEROctetString(host.sign(PeerCertificate.signedBytes(spki))));
    return new Extension(
        new ASN1ObjectIdentifier(PeerCertificate.EXTENSION),
        false,
        new DERSequence(fields).getEncoded("DER"));
  }

  @Override
  public String toString() {
    return "certificate " + certificate.getSerialNumber();
  }
}
