package dev.gvmi.libp2p.muxer;

import dev.gvmi.libp2p.io.ByteStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Streams over one secured connection. <b>Thread:</b> any; nothing here waits for the peer. */
public interface MuxedConnection extends AutoCloseable {
  /**
   * Opens a stream. {@link IOException} when the connection is closed, has been told to go away, or
   * has its most streams.
   */
  ByteStream open() throws IOException;

  /** How many streams are open, both directions. */
  int streamCount();

  /**
   * How long a small message took there and back when it was last measured; empty before the first
   * time.
   */
  default Optional<Duration> roundTrip() {
    return Optional.empty();
  }

  /** Completes when the connection is gone, however it went. */
  CompletionStage<Void> closed();

  /** Says go-away, resets all streams, closes the channel. Idempotent. */
  @Override
  void close();
}
