package dev.gvmi.node.fetch;

import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.util.List;

/** Wants several messages at once, on a machine without vectors, too. */
record Batching(int lanes) implements Sha256 {
  private static final Sha256 SCALAR = new ScalarSha256();

  @Override
  public List<byte[]> digests(List<ByteBuffer> messages) {
    return SCALAR.digests(messages);
  }
}
