/**
 * Connections inside one process, for tests and simulations: many hosts share a few threads, and no
 * socket is opened. Start at {@link dev.gvmi.libp2p.transport.memory.MemoryNetwork}.
 */
@NullMarked
package dev.gvmi.libp2p.transport.memory;

import org.jspecify.annotations.NullMarked;
