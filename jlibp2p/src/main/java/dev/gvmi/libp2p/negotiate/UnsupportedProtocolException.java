package dev.gvmi.libp2p.negotiate;

import java.net.ProtocolException;

/** The peer speaks none of the proposed protocols. */
public final class UnsupportedProtocolException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  UnsupportedProtocolException(String message) {
    super(message);
  }
}
