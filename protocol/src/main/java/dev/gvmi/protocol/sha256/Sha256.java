package dev.gvmi.protocol.sha256;

import java.nio.ByteBuffer;
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
}
