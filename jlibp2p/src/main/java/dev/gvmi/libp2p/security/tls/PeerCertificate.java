package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.PublicKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a peer's certificate proves: its host key. Pure.
 *
 * <p><b>Shape:</b> a self-signed X.509 certificate with the extension 1.3.6.1.4.1.53594.1.1:
 *
 * <pre>
 *   SEQUENCE {
 *     OCTET STRING   host key, protobuf
 *     OCTET STRING   signature of the host key over "libp2p-tls-handshake:" and the SubjectPublicKeyInfo as sent
 *   }
 * </pre>
 *
 * <p>Names, key usage and every other authority are of no meaning; whom the certificate names is
 * the host key in the extension, never the certificate's own key.
 *
 * <p><b>Source:</b> libp2p TLS specification, Handshake Protocol and Peer Authentication.
 */
public final class PeerCertificate {
  /** A certificate with an RSA host key of 8,192 bits has 2.5 KB. */
  public static final int MAX_BYTES = 8 << 10;

  static final String EXTENSION = "1.3.6.1.4.1.53594.1.1";

  private static final byte[] DOMAIN = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  /**
   * basicConstraints, keyUsage, extKeyUsage: critical in some peers' certificates, and nothing
   * follows from them here.
   */
  private static final Set<String> KNOWN = Set.of(EXTENSION, "2.5.29.19", "2.5.29.15", "2.5.29.37");

  private static final int VERSION_TAG = 0xa0;

  private PeerCertificate() {}

  /**
   * The host key that {@code chain} proves.
   *
   * @throws CertificateException if it is not exactly one certificate, not valid at {@code now}, or
   *     fails any check
   */
  public static PublicKey verify(X509Certificate @Nullable [] chain, Instant now)
      throws CertificateException {
    if (chain == null || chain.length != 1) {
      throw new CertificateException(
          "tls: " + (chain == null ? 0 : chain.length) + " certificates instead of one");
    }
    X509Certificate certificate = chain[0];
    byte[] encoded = certificate.getEncoded();
    if (encoded.length > MAX_BYTES) {
      throw new CertificateException("tls: certificate of " + encoded.length + " bytes");
    }
    certificate.checkValidity(Date.from(now));
    rejectUnknownCriticalExtensions(certificate);
    checkSelfSignature(certificate);
    return hostKey(certificate, subjectPublicKeyInfo(encoded));
  }

  /**
   * The host key that a chain proves, of certificates that nobody has parsed yet: also of those
   * without names, which the JDK's parser refuses.
   *
   * @throws CertificateException if it is not exactly one certificate, not valid at {@code now}, or
   *     fails any check
   */
  public static PublicKey verifyEncoded(List<byte[]> chain, Instant now)
      throws CertificateException {
    if (chain.size() != 1) {
      throw new CertificateException("tls: " + chain.size() + " certificates instead of one");
    }
    return verify(new X509Certificate[] {NamelessCertificates.parse(chain.getFirst())}, now);
  }

  /**
   * The host key that the certificates of a native engine prove: they are parsed anew, as those
   * without names can be no other way.
   *
   * @throws CertificateException if it is not exactly one certificate, not valid at {@code now}, or
   *     fails any check
   */
  public static PublicKey verifyAnew(X509Certificate @Nullable [] chain, Instant now)
      throws CertificateException {
    List<byte[]> encoded = new ArrayList<>();
    for (X509Certificate certificate : chain == null ? new X509Certificate[0] : chain) {
      encoded.add(certificate.getEncoded());
    }
    return verifyEncoded(encoded, now);
  }

  private static void rejectUnknownCriticalExtensions(X509Certificate certificate)
      throws CertificateException {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    if (critical != null && !KNOWN.containsAll(critical)) {
      throw new CertificateException("tls: unknown critical extension among " + critical);
    }
  }

  private static void checkSelfSignature(X509Certificate certificate) throws CertificateException {
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new CertificateException("tls: the certificate is not signed by its own key", e);
    }
  }

  private static PublicKey hostKey(X509Certificate certificate, byte[] spki)
      throws CertificateException {
    byte[] extension = certificate.getExtensionValue(EXTENSION);
    if (extension == null) {
      throw new CertificateException("tls: the certificate has no libp2p extension");
    }
    DerReader wrapped = new DerReader(new DerReader(extension).value(DerReader.OCTET_STRING));
    DerReader fields = wrapped.enter(DerReader.SEQUENCE);
    wrapped.end();
    byte[] protobuf = fields.value(DerReader.OCTET_STRING);
    byte[] signature = fields.value(DerReader.OCTET_STRING);
    fields.end();
    PublicKey key;
    try {
      key = PublicKey.fromProtobuf(protobuf);
    } catch (IllegalArgumentException e) {
      throw new CertificateException("tls: malformed host key", e);
    }
    if (!key.verify(signedBytes(spki), signature)) {
      throw new CertificateException("tls: the host key did not sign the certificate's key");
    }
    return key;
  }

  /** What the host key signs. */
  static byte[] signedBytes(byte[] spki) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(DOMAIN.length + spki.length);
    bytes.writeBytes(DOMAIN);
    bytes.writeBytes(spki);
    return bytes.toByteArray();
  }

  /** The SubjectPublicKeyInfo of an encoded certificate, as sent. */
  static byte[] subjectPublicKeyInfo(byte[] certificate) throws CertificateException {
    DerReader body = new DerReader(certificate).enter(DerReader.SEQUENCE).enter(DerReader.SEQUENCE);
    if (body.isAt(VERSION_TAG)) {
      body.skip();
    }
    body.skip(); // serial number
    body.skip(); // signature algorithm
    body.skip(); // issuer
    body.skip(); // validity
    body.skip(); // subject
    return body.element();
  }
}
