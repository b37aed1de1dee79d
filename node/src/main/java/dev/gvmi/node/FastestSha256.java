package dev.gvmi.node;

import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * SHA-256 with what is {@link Fastest} on this machine for as many messages as there are; with the
 * JDK's at first, and always for few.
 *
 * <p><b>Thread:</b> any.
 */
final class FastestSha256 implements Sha256 {
  private static final int BLOCK_BYTES = 64;

  private final Sha256 scalar;
  private final Fastest<Sha256> fastest;

  /**
   * One that begins with the first hasher.
   *
   * @param lanes another one for several messages, if there is any
   */
  FastestSha256(
      Sha256 scalar, Supplier<Optional<? extends Sha256>> lanes, Fastest.Measuring measuring) {
    this.scalar = scalar;
    this.fastest = new Fastest<>(scalar, lanes, FastestSha256::hash, measuring);
  }

  @Override
  public int lanes() {
    return fastest.hasher().lanes();
  }

  @Override
  public List<byte[]> digests(List<ByteBuffer> messages) {
    for (ByteBuffer message : messages) {
      fastest.count(message.remaining());
    }
    Fastest.Choice<Sha256> choice = fastest.choice();
    // lanes that nobody uses take their time, too
    boolean isWorth = messages.size() * choice.gain() > choice.hasher().lanes();
    return (isWorth ? choice.hasher() : scalar).digests(messages);
  }

  /** Sees ahead what there is for several messages, unless that was done. */
  void measureAside() {
    fastest.measureAside();
  }

  private static int hash(Sha256 sha256, int blocks) {
    int bytes = blocks * BLOCK_BYTES;
    ByteBuffer zeros = ByteBuffer.allocateDirect(bytes);
    sha256.digests(Collections.nCopies(sha256.lanes(), zeros));
    return bytes * sha256.lanes();
  }
}
