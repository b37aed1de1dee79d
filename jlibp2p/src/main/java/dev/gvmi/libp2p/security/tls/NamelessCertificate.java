package dev.gvmi.libp2p.security.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A certificate whose issuer or subject is empty, which the JDK's parser refuses: read with a name
 * put in, but its bytes and its signature are those that were sent. Immutable.
 */
final class NamelessCertificate extends X509Certificate {
  private static final long serialVersionUID = 1L;
  private static final int VERSION_TAG = 0xa0;

  /** CN = "-". */
  private static final byte[] SOME_NAME = HexFormat.of().parseHex("300c310a300806035504030c012d");

  private static final byte[] NO_NAME = {DerReader.SEQUENCE, 0};

  private final transient X509Certificate named;
  private final byte[] encoded;
  private final byte[] body;

  private NamelessCertificate(X509Certificate named, byte[] encoded, byte[] body) {
    this.named = named;
    this.encoded = encoded;
    this.body = body;
  }

  static NamelessCertificate parse(byte[] encoded, CertificateFactory factory)
      throws CertificateException {
    DerReader outer = new DerReader(encoded);
    DerReader parts = outer.enter(DerReader.SEQUENCE);
    outer.end();
    byte[] body = parts.element();
    byte[] algorithm = parts.element();
    byte[] signature = parts.element();
    parts.end();
    byte[] named = sequence(withNames(body), algorithm, signature);
    return new NamelessCertificate(
        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(named)),
        encoded.clone(),
        body);
  }

  private static byte[] withNames(byte[] body) throws CertificateException {
    DerReader in = new DerReader(body).enter(DerReader.SEQUENCE);
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 2 * SOME_NAME.length);
    if (in.isAt(VERSION_TAG)) {
      out.writeBytes(in.element());
    }
    out.writeBytes(in.element()); // serial number
    out.writeBytes(in.element()); // signature algorithm
    out.writeBytes(name(in.element())); // issuer
    out.writeBytes(in.element()); // validity
    out.writeBytes(name(in.element())); // subject
    while (!in.isEmpty()) {
      out.writeBytes(in.element());
    }
    return sequence(out.toByteArray());
  }

  private static byte[] name(byte[] sent) {
    return Arrays.equals(sent, NO_NAME) ? SOME_NAME : sent;
  }

  private static byte[] sequence(byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
    out.write(DerReader.SEQUENCE);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.writeBytes(new byte[] {(byte) 0x81, (byte) length});
    } else {
      out.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  @Override
  public byte[] getEncoded() {
    return encoded.clone();
  }

  @Override
  public byte[] getTBSCertificate() {
    return body.clone();
  }

  @Override
  public void verify(PublicKey key)
      throws CertificateException,
          NoSuchAlgorithmException,
          InvalidKeyException,
          SignatureException {
    if (getSigAlgParams() != null) {
      throw new CertificateException("tls: signature algorithm with parameters");
    }
    Signature verifier = Signature.getInstance(getSigAlgName());
    verifier.initVerify(key);
    verifier.update(body);
    if (!verifier.verify(getSignature())) {
      throw new SignatureException("signature does not match");
    }
  }

  @Override
  public void verify(PublicKey key, String provider)
      throws CertificateException,
          NoSuchAlgorithmException,
          InvalidKeyException,
          NoSuchProviderException,
          SignatureException {
    verify(key);
  }

  @Override
  public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
    named.checkValidity();
  }

  @Override
  public void checkValidity(Date date)
      throws CertificateExpiredException, CertificateNotYetValidException {
    named.checkValidity(date);
  }

  @Override
  public int getVersion() {
    return named.getVersion();
  }

  @Override
  public BigInteger getSerialNumber() {
    return named.getSerialNumber();
  }

  @Override
  @SuppressWarnings("deprecation") // every certificate must have it
  public Principal getIssuerDN() {
    return named.getIssuerDN();
  }

  @Override
  @SuppressWarnings("deprecation") // every certificate must have it
  public Principal getSubjectDN() {
    return named.getSubjectDN();
  }

  @Override
  public Date getNotBefore() {
    return named.getNotBefore();
  }

  @Override
  public Date getNotAfter() {
    return named.getNotAfter();
  }

  @Override
  public byte[] getSignature() {
    return named.getSignature();
  }

  @Override
  public String getSigAlgName() {
    return named.getSigAlgName();
  }

  @Override
  public String getSigAlgOID() {
    return named.getSigAlgOID();
  }

  @Override
  public byte @Nullable [] getSigAlgParams() {
    return named.getSigAlgParams();
  }

  @Override
  public boolean @Nullable [] getIssuerUniqueID() {
    return named.getIssuerUniqueID();
  }

  @Override
  public boolean @Nullable [] getSubjectUniqueID() {
    return named.getSubjectUniqueID();
  }

  @Override
  public boolean @Nullable [] getKeyUsage() {
    return named.getKeyUsage();
  }

  @Override
  public int getBasicConstraints() {
    return named.getBasicConstraints();
  }

  @Override
  public PublicKey getPublicKey() {
    return named.getPublicKey();
  }

  @Override
  public boolean hasUnsupportedCriticalExtension() {
    return named.hasUnsupportedCriticalExtension();
  }

  @Override
  public @Nullable Set<String> getCriticalExtensionOIDs() {
    return named.getCriticalExtensionOIDs();
  }

  @Override
  public @Nullable Set<String> getNonCriticalExtensionOIDs() {
    return named.getNonCriticalExtensionOIDs();
  }

  @Override
  public byte @Nullable [] getExtensionValue(String oid) {
    return named.getExtensionValue(oid);
  }

  @Override
  public String toString() {
    return "nameless " + named;
  }
}
