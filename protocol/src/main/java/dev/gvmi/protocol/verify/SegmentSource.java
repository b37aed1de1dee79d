package dev.gvmi.protocol.verify;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads stored bytes of an image. */
@FunctionalInterface
public interface SegmentSource {
  /** Fills {@code target} completely with the bytes from {@code offsetBytes} on, or throws. */
  void read(long offsetBytes, ByteBuffer target) throws IOException;
}
