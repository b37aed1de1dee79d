package dev.gvmi.libp2p;

/** libp2p stream error codes that a stream is reset with. */
public enum StreamErrors {
  NONE(0),
  RESOURCE_LIMIT(0x1002),
  RATE_LIMITED(0x1003),
  PROTOCOL_VIOLATION(0x1004);

  private final long code;

  StreamErrors(long code) {
    this.code = code;
  }

  public long code() {
    return code;
  }
}
