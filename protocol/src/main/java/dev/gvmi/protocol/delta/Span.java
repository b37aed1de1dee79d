package dev.gvmi.protocol.delta;

/**
 * A part of an image.
 *
 * @param offsetBytes where it begins in the image
 */
public record Span(long offsetBytes, int lengthBytes, SpanId id) {
  /** Where the next one begins. */
  public long endBytes() {
    return offsetBytes + lengthBytes;
  }
}
