package dev.gvmi.libp2p.interop;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Counts and hashes bytes. <b>Thread:</b> its owner's. */
final class Tally {
  private final MessageDigest sha256;
  private long bytes;

  Tally() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** How many bytes, and their hash in hexadecimal. */
  record Summary(long bytes, String sha256) {}

  /** Takes all that remains in {@code data}. */
  void add(ByteBuffer data) {
    bytes += data.remaining();
    sha256.update(data);
  }

  long bytes() {
    return bytes;
  }

  /** Call once, when all is added. */
  Summary summary() {
    return new Summary(bytes, HexFormat.of().formatHex(sha256.digest()));
  }
}
