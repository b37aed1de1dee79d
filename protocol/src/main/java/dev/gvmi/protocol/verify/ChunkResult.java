package dev.gvmi.protocol.verify;

/** What became of a chunk that claims to be part of an image. */
public sealed interface ChunkResult permits VerifiedChunk, ChunkResult.Mismatch {
  /** Wrong length or wrong hash. */
  record Mismatch(int index, String reason) implements ChunkResult {}
}
