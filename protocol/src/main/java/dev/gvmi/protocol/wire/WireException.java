package dev.gvmi.protocol.wire;

import java.net.ProtocolException;

/** A message of a peer that breaks the rules of its protocol. */
public final class WireException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  WireException(String message) {
    super(message);
  }

  WireException(String message, Throwable cause) {
    super(message);
    initCause(cause);
  }
}
