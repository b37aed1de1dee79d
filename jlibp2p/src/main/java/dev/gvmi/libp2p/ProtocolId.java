package dev.gvmi.libp2p;

/**
 * The name of a protocol on a stream, such as {@code /ipfs/ping/1.0.0}: 1 to 256 visible ASCII
 * characters, starting with a slash.
 */
public record ProtocolId(String text) {
  public ProtocolId {
    if (text.isEmpty()
        || text.length() > 256
        || text.charAt(0) != '/'
        || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("not a protocol id: \"" + text + "\"");
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
