package dev.gvmi.protocol.verify;

import java.nio.ByteBuffer;

/** Bytes that claim to be a chunk: position to limit of the buffer. */
public record UnverifiedChunk(int index, ByteBuffer bytes) {}
