/** TCP over IPv4 and IPv6. Start at {@link dev.gvmi.libp2p.transport.tcp.TcpTransport}. */
@NullMarked
package dev.gvmi.libp2p.transport.tcp;

import org.jspecify.annotations.NullMarked;
