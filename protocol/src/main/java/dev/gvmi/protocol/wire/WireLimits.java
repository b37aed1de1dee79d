package dev.gvmi.protocol.wire;

/** Bounds of the /gvmi/* protocols (docs/protocol). */
public final class WireLimits {
  public static final String MANIFEST_PROTOCOL = "/gvmi/manifest/1.0.0";
  public static final String HAVE_PROTOCOL = "/gvmi/have/1.0.0";
  public static final String CHUNK_PROTOCOL = "/gvmi/chunk/1.0.0";
  public static final String ANNOUNCE_PROTOCOL = "/gvmi/announce/1.0.0";
  public static final int MAX_MESSAGE_BYTES = 64 << 10;
  public static final int MAX_BITMAP_PIECE_BYTES = 32 << 10;
  public static final int MAX_REQUEST_BYTES = 1 << 20;
  public static final int MAX_QUEUED_BYTES_PER_PEER = 32 << 20;

  private WireLimits() {}
}
