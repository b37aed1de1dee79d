package dev.gvmi.protocol.sha3;

import java.nio.ByteBuffer;

/**
 * A sponge and what it absorbs next.
 *
 * @param state 25 lanes, changed in place
 * @param blocks whole blocks, all of which are consumed
 */
@SuppressWarnings("ArrayRecordComponent")
public record Piece(long[] state, ByteBuffer blocks) {}
