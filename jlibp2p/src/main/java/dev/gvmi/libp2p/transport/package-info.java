/**
 * What every transport offers to the host. Start at {@link dev.gvmi.libp2p.transport.Transport}.
 */
@NullMarked
package dev.gvmi.libp2p.transport;

import org.jspecify.annotations.NullMarked;
