package dev.gvmi.libp2p.transport.quic;

/** libp2p's error codes in the frames of QUIC. Pure. */
final class QuicCodes {
  /** No error. */
  static final long NONE = 0;

  private QuicCodes() {}

  /**
   * The code of a RESET_STREAM, STOP_SENDING or CONNECTION_CLOSE frame; one that Netty cannot send
   * becomes none.
   */
  static int toWire(long code) {
    return code >= 0 && code <= Integer.MAX_VALUE ? (int) code : (int) NONE;
  }
}
