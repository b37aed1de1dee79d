/**
 * The SHA-3 sponge with its state in and out, so that an image can be hashed segment by segment.
 * Pure. Start at {@link dev.gvmi.protocol.sha3.SegmentHasher}.
 */
@NullMarked
package dev.gvmi.protocol.sha3;

import org.jspecify.annotations.NullMarked;
