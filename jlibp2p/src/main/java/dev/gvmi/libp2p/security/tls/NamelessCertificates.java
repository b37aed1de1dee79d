package dev.gvmi.libp2p.security.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateFactorySpi;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Lets the JDK's TLS engine take certificates without an issuer's name. js-libp2p and rust-libp2p
 * make such, names mean nothing in libp2p, and the JDK's own parser refuses them before any trust
 * manager is asked.
 *
 * <p>The engine asks the first provider of the JVM for its parser, so there must be one in front.
 * It hands everything to the JDK's parser; only for work that came through {@link #within}, and
 * only what that parser has refused, it makes a {@link NamelessCertificate}. Nothing changes for
 * other users of this JVM.
 *
 * <p><b>Thread:</b> any.
 */
final class NamelessCertificates extends Provider {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "GvmiLibp2pCertificates";
  private static final String TYPE = "X.509";
  private static final ScopedValue<Boolean> ALLOWED = ScopedValue.newInstance();

  private NamelessCertificates() {
    super(NAME, "1", "X.509 certificates of libp2p peers");
    putService(
        new Service(this, "CertificateFactory", TYPE, Parser.class.getName(), List.of(), Map.of()) {
          @Override
          public Object newInstance(Object parameter) {
            return new Parser();
          }
        });
  }

  /** An executor whose tasks may parse certificates without names. */
  static Executor within(Executor executor) {
    install();
    return task -> executor.execute(() -> ScopedValue.where(ALLOWED, true).run(task));
  }

  private static synchronized void install() {
    if (Security.getProvider(NAME) == null) {
      Security.insertProviderAt(new NamelessCertificates(), 1);
    }
  }

  /** Parses a certificate, with or without names. */
  static X509Certificate parse(byte[] encoded) throws CertificateException {
    if (encoded.length > PeerCertificate.MAX_BYTES) {
      throw new CertificateException("tls: certificate of " + encoded.length + " bytes");
    }
    try {
      return (X509Certificate) ofJdk().generateCertificate(new ByteArrayInputStream(encoded));
    } catch (CertificateException e) {
      return NamelessCertificate.parse(encoded, ofJdk());
    }
  }

  private static CertificateFactory ofJdk() throws CertificateException {
    try {
      return CertificateFactory.getInstance(TYPE, "SUN");
    } catch (GeneralSecurityException e) {
      throw new CertificateException("this Java has no parser for certificates", e);
    }
  }

  private static final class Parser extends CertificateFactorySpi {
    @Override
    public Certificate engineGenerateCertificate(InputStream in) throws CertificateException {
      if (!ALLOWED.isBound()) {
        return ofJdk().generateCertificate(in);
      }
      return parse(readBounded(in));
    }

    private static byte[] readBounded(InputStream in) throws CertificateException {
      try {
        byte[] bytes = in.readNBytes(PeerCertificate.MAX_BYTES + 1);
        if (bytes.length > PeerCertificate.MAX_BYTES) {
          throw new CertificateException(
              "tls: certificate of more than " + PeerCertificate.MAX_BYTES + " bytes");
        }
        return bytes;
      } catch (IOException e) {
        throw new CertificateException("tls: certificate cannot be read", e);
      }
    }

    @Override
    public Collection<? extends Certificate> engineGenerateCertificates(InputStream in)
        throws CertificateException {
      return ofJdk().generateCertificates(in);
    }

    @Override
    public CRL engineGenerateCRL(InputStream in) throws CRLException {
      try {
        return ofJdk().generateCRL(in);
      } catch (CertificateException e) {
        throw new CRLException(e);
      }
    }

    @Override
    public Collection<? extends CRL> engineGenerateCRLs(InputStream in) throws CRLException {
      try {
        return ofJdk().generateCRLs(in);
      } catch (CertificateException e) {
        throw new CRLException(e);
      }
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in) throws CertificateException {
      return ofJdk().generateCertPath(in);
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in, String encoding)
        throws CertificateException {
      return ofJdk().generateCertPath(in, encoding);
    }

    @Override
    public CertPath engineGenerateCertPath(List<? extends Certificate> certificates)
        throws CertificateException {
      return ofJdk().generateCertPath(certificates);
    }

    @Override
    public Iterator<String> engineGetCertPathEncodings() {
      try {
        return ofJdk().getCertPathEncodings();
      } catch (CertificateException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
