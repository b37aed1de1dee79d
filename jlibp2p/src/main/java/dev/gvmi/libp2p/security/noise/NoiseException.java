package dev.gvmi.libp2p.security.noise;

import java.io.IOException;

/** A Noise handshake or transport failure; the connection is of no further use. */
public final class NoiseException extends IOException {
  private static final long serialVersionUID = 1L;

  NoiseException(String message) {
    super(message);
  }

  NoiseException(String message, Throwable cause) {
    super(message, cause);
  }
}
