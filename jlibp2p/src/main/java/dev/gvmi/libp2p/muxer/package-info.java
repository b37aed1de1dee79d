/**
 * What every stream muxer offers to a connection. Start at {@link
 * dev.gvmi.libp2p.muxer.MuxedConnection}.
 */
@NullMarked
package dev.gvmi.libp2p.muxer;

import org.jspecify.annotations.NullMarked;
