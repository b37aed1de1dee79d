package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.StreamHandler;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.negotiate.NegotiatedStream;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.network.PeerStreams;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the streams that peers open: agrees on a protocol and runs its handler, each on a virtual
 * thread.
 *
 * <p><b>Thread:</b> any; {@link #accept} on event loops.
 */
final class InboundStreams {
  private static final Logger LOG = LoggerFactory.getLogger(InboundStreams.class);
  private static final Duration NEGOTIATION = Duration.ofSeconds(10);

  private final Map<ProtocolId, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final HostLimits limits;
  private final IntSupplier inAll;
  private final AtomicLong refused = new AtomicLong();

  /** {@code inAll} tells how many streams there are, of all connections. */
  InboundStreams(HostLimits limits, IntSupplier inAll) {
    this.limits = limits;
    this.inAll = inAll;
  }

  /** How many were reset because of a limit. */
  long refused() {
    return refused.get();
  }

  void handle(ProtocolId protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
  }

  void unhandle(ProtocolId protocol) {
    handlers.remove(protocol);
  }

  java.util.Set<ProtocolId> protocols() {
    return java.util.Set.copyOf(handlers.keySet());
  }

  /** A peer opened a stream on a connection that is, or soon will be, established. */
  void accept(CompletableFuture<Connection> connection, ByteStream stream) {
    Thread.ofVirtual().name("libp2p-stream").start(() -> serve(connection, stream));
  }

  private void serve(CompletableFuture<Connection> established, ByteStream raw) {
    try {
      Connection connection = established.get(NEGOTIATION.toSeconds(), TimeUnit.SECONDS);
      if (inAll.getAsInt() > limits.streams()) {
        refused.incrementAndGet();
        raw.reset(StreamErrors.RESOURCE_LIMIT.code());
        return;
      }
      raw.timeout(NEGOTIATION);
      NegotiatedStream stream = NegotiatedStream.accept(raw, this::speaks);
      run(new HostStream(stream, connection), connection);
    } catch (ProtocolException e) {
      LOG.debug("stream refused: {}", e.getMessage());
      raw.reset(StreamErrors.PROTOCOL_VIOLATION.code());
    } catch (IOException | TimeoutException | ExecutionException e) {
      LOG.debug("stream ended before a protocol was agreed: {}", e.toString());
      raw.reset(StreamErrors.NONE.code());
    } catch (InterruptedException e) {
      raw.reset(StreamErrors.NONE.code());
      Thread.currentThread().interrupt();
    }
  }

  private boolean speaks(String protocol) {
    try {
      return handlers.containsKey(new ProtocolId(protocol));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void run(HostStream stream, Connection connection) throws InterruptedException {
    PeerStreams ofPeer = connection.peerStreams();
    StreamHandler handler = handlers.get(stream.protocol());
    boolean taken =
        handler != null && ofPeer.take(stream.protocol(), limits.streamsPerPeerAndProtocol());
    if (handler == null || !taken) {
      refused.incrementAndGet();
      stream.reset(StreamErrors.RATE_LIMITED.code());
      return;
    }
    try {
      handler.handle(stream);
      stream.close();
    } catch (ProtocolException e) {
      LOG.debug("{}: {}", stream, e.getMessage());
      stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
    } catch (IOException e) {
      LOG.debug("{}: {}", stream, e.toString());
      stream.reset(StreamErrors.NONE.code());
    } catch (RuntimeException e) {
      LOG.warn("handler of {} failed", stream.protocol(), e);
      stream.reset(StreamErrors.NONE.code());
    } finally {
      ofPeer.give(stream.protocol());
    }
  }
}
