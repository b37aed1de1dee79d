package dev.gvmi.libp2p.muxer.yamux;

import java.nio.ByteBuffer;

/**
 * The header of a frame.
 *
 * <pre>
 *   offset size field       (big-endian)
 *   0      1    version     0
 *   1      1    type        0 data, 1 window update, 2 ping, 3 go away
 *   2      2    flags       1 SYN, 2 ACK, 4 FIN, 8 RST
 *   4      4    stream id   0: the session; odd: opened by the dialler
 *   8      4    length      data: bytes that follow; else a value
 * </pre>
 *
 * <p><b>Source:</b> yamux specification, framing.
 */
record FrameHeader(int type, int flags, int streamId, long length) {
  static final int BYTES = 12;

  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  static FrameHeader decode(ByteBuffer in) throws YamuxException {
    int version = in.get() & 0xff;
    int type = in.get() & 0xff;
    int flags = in.getShort() & 0xffff;
    int streamId = in.getInt();
    long length = in.getInt() & 0xffff_ffffL;
    if (version != 0) {
      throw new YamuxException("version " + version);
    }
    if (type > GO_AWAY) {
      throw new YamuxException("frame type " + type);
    }
    if (type >= PING != (streamId == 0)) {
      throw new YamuxException("frame of type " + type + " on stream " + streamId);
    }
    return new FrameHeader(type, flags, streamId, length);
  }

  void encode(ByteBuffer out) {
    out.put((byte) 0)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(streamId)
        .putInt((int) length);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
