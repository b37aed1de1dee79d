/**
 * The /gvmi/* protocols on libp2p streams, both sides. Start at {@link
 * dev.gvmi.node.transfer.SwarmServer} and {@link dev.gvmi.node.transfer.ChunkLink}.
 */
@NullMarked
package dev.gvmi.node.transfer;

import org.jspecify.annotations.NullMarked;
