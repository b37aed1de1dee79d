package dev.gvmi.libp2p.muxer.yamux;

import java.net.ProtocolException;

/** The peer broke the rules of Yamux: the connection ends. */
final class YamuxException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  YamuxException(String message) {
    super("yamux: " + message);
  }
}
