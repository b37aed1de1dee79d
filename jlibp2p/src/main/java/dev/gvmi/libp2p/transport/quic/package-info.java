/**
 * QUIC v1 over IPv4 and IPv6: connections that are authenticated by libp2p's TLS certificates and
 * carry streams of their own, on Netty's codec and its native library. Start at {@link
 * dev.gvmi.libp2p.transport.quic.QuicTransport}; {@link
 * dev.gvmi.libp2p.transport.quic.QuicConnection} and {@link
 * dev.gvmi.libp2p.transport.quic.QuicStream} are what the Yamux session and its lines are over TCP.
 */
@NullMarked
package dev.gvmi.libp2p.transport.quic;

import org.jspecify.annotations.NullMarked;
