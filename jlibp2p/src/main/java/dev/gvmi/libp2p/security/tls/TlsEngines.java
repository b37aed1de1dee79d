package dev.gvmi.libp2p.security.tls;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;

/**
 * Makes the TLS engine of one connection: TLS 1.3 only, both sides show a certificate, no server
 * name, no resumption.
 *
 * <p><b>Thread:</b> any.
 */
sealed interface TlsEngines permits JdkEngines, NativeEngines {
  /** What is offered when no muxer is agreed on inside the handshake. */
  String NO_MUXER = "libp2p";

  SSLEngine create(boolean initiator, PeerTrust trust, ByteBufAllocator allocator);

  /** What the handshake offers for these muxers, the first preferred. */
  static List<String> protocols(List<String> muxers) {
    return Stream.concat(muxers.stream(), Stream.of(NO_MUXER)).toList();
  }
}
