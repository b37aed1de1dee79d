/**
 * Yamux: many streams over one connection. The rules are in the pure {@link
 * dev.gvmi.libp2p.muxer.yamux.YamuxSession}; {@link dev.gvmi.libp2p.muxer.yamux.YamuxHandler} moves
 * its bytes. Start at {@link dev.gvmi.libp2p.muxer.yamux.YamuxMuxer}.
 */
@NullMarked
package dev.gvmi.libp2p.muxer.yamux;

import org.jspecify.annotations.NullMarked;
