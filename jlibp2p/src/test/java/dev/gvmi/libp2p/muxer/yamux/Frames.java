package dev.gvmi.libp2p.muxer.yamux;

import java.nio.ByteBuffer;

/** Headers by their names. */
final class Frames {
  private Frames() {}

  static FrameHeader data(int flags, int id, long length) {
    return new FrameHeader(FrameHeader.DATA, flags, id, length);
  }

  static FrameHeader update(int flags, int id, long value) {
    return new FrameHeader(FrameHeader.WINDOW_UPDATE, flags, id, value);
  }

  static FrameHeader ping(int flags, long opaque) {
    return new FrameHeader(FrameHeader.PING, flags, 0, opaque);
  }

  static FrameHeader goAway(long code) {
    return new FrameHeader(FrameHeader.GO_AWAY, 0, 0, code);
  }

  static byte[] bytes(FrameHeader header) {
    ByteBuffer out = ByteBuffer.allocate(FrameHeader.BYTES);
    header.encode(out);
    return out.array();
  }
}
