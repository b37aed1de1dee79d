package dev.gvmi.libp2p.interop;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.StreamErrors;

/** The protocols that both peers serve; {@code handlers} in {@code peer.mjs} has the same. */
final class InteropProtocols {
  /** Sends back what comes, until the end. */
  static final ProtocolId ECHO = new ProtocolId("/interop/echo/1.0.0");

  /** Takes all, then answers with its SHA-256 in hexadecimal. */
  static final ProtocolId DIGEST = new ProtocolId("/interop/digest/1.0.0");

  /** Says {@link #GREETING}, ends its own side, then takes all. */
  static final ProtocolId GREET = new ProtocolId("/interop/greet/1.0.0");

  /** Resets the stream when it has taken {@link #RESET_AFTER_BYTES}. */
  static final ProtocolId RESET = new ProtocolId("/interop/reset/1.0.0");

  /** Resets the stream at once, with {@link #REFUSAL}. Served by ours and in Go. */
  static final ProtocolId REFUSE = new ProtocolId("/interop/refuse/1.0.0");

  /** Sends one byte, to say that it is there, and reads nothing. */
  static final ProtocolId STALL = new ProtocolId("/interop/stall/1.0.0");

  static final StreamErrors REFUSAL = StreamErrors.RATE_LIMITED;
  static final String GREETING = "hello";
  static final int RESET_AFTER_BYTES = 100_000;

  private InteropProtocols() {}
}
