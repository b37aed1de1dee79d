package dev.gvmi.libp2p.io;

import java.io.IOException;

/** The stream was reset, by the peer or here, or its connection is gone. */
public final class StreamResetException extends IOException {
  private static final long serialVersionUID = 1L;
  private final long code;

  public StreamResetException(String message, long code) {
    super(message);
    this.code = code;
  }

  /** The libp2p stream error code, 0 when none was given. */
  public long code() {
    return code;
  }
}
