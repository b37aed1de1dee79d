package dev.gvmi.libp2p;

/** The ways in which a host authenticates and encrypts connections. */
public enum SecurityChoice {
  /** {@code /tls/1.0.0}: AES where the processor has instructions for it. */
  TLS,
  /** {@code /noise}: ChaCha20-Poly1305. */
  NOISE
}
