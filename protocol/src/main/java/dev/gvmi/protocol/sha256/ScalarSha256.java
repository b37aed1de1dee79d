package dev.gvmi.protocol.sha256;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;

/**
 * The JDK's, one message after the other: with the machine's instructions for it, if it has any.
 */
public final class ScalarSha256 implements Sha256 {
  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public List<byte[]> digests(List<ByteBuffer> messages) {
    MessageDigest sha256 = Sha256.jdk();
    return messages.stream()
        .map(message -> {
          sha256.update(message.duplicate());
          return sha256.digest();
        })
        .toList();
  }
}
