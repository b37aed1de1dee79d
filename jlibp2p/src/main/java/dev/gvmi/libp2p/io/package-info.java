/**
 * The line between event loops and blocking code: a byte stream with deadlines and back-pressure.
 * Start at {@link dev.gvmi.libp2p.io.ByteStream}.
 */
@NullMarked
package dev.gvmi.libp2p.io;

import org.jspecify.annotations.NullMarked;
