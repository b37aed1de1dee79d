/**
 * The security protocol {@code /tls/1.0.0}: TLS 1.3 with a self-signed certificate on each side
 * that is bound to the host key. Start at {@link dev.gvmi.libp2p.security.tls.TlsSecurity}; {@link
 * dev.gvmi.libp2p.security.tls.PeerCertificate} decides whom to believe.
 */
@NullMarked
package dev.gvmi.libp2p.security.tls;

import org.jspecify.annotations.NullMarked;
