package dev.gvmi.protocol.sha256;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** SHA-256 of several messages. Stateless. <b>Thread:</b> any. */
public interface Sha256 {
  /** So many messages at once are hashed for little more than the price of one. */
  int lanes();

  /**
   * The digests of messages of any lengths, 32 bytes each, in the messages' order.
   *
   * @param messages position to limit of each, which are not changed
   */
  List<byte[]> digests(List<ByteBuffer> messages);

  /** The JDK's, for one message that comes piece by piece. */
  static MessageDigest jdk() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
