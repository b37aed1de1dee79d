package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks other nodes: connects if need be, and keeps the stream for the next request.
 *
 * <p><b>Thread:</b> any that is the DHT's own. Calls block, no longer than the time they are given.
 */
final class KadClient implements AutoCloseable {
  private static final Duration DIAL = Duration.ofSeconds(4);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final int MAX_KEPT = 128;
  private static final int KEEP_CONNECTION = 3;

  /** Two connections to a peer, one from either side, may be closed at once. */
  private static final int TRIES = 3;

  private final Host host;
  private final ProtocolId protocol;
  private final KadLimits limits;
  private final InstantSource clock;
  private final Semaphore permits;
  private final Map<PeerId, Kept> kept = new ConcurrentHashMap<>();

  /** Connections that are here because of us, and when we last used them. */
  private final Map<PeerId, Instant> dialled = new ConcurrentHashMap<>();

  /** Ours alone, so that they may be interrupted. */
  private final Set<Thread> inFlight = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  KadClient(Host host, ProtocolId protocol, KadLimits limits, InstantSource clock) {
    this.host = host;
    this.protocol = protocol;
    this.limits = limits;
    this.clock = clock;
    this.permits = new Semaphore(limits.requests());
  }

  /** We have too much to do: it says nothing about the peer. */
  static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private BusyException(String message) {
      super(message);
    }
  }

  private record Kept(Stream stream, Instant since) {}

  /** An answer, and the address that it came from. */
  record Reached(Multiaddr via, KadAnswer answer) {}

  /** What is done over a connection that leads to {@code via}. */
  @FunctionalInterface
  private interface Exchange<T> {
    T over(Multiaddr via) throws IOException;
  }

  /** Sends a request and waits for its answer. */
  Reached ask(KadPeer peer, KadRequest request, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    return connected(
        peer, deadline, via -> new Reached(via, exchange(peer.id(), request, deadline)));
  }

  /**
   * Sends what has no answer; returns when the peer has read it. {@code request} is made for the
   * address of the peer.
   */
  void tell(KadPeer peer, Function<Multiaddr, KadRequest> request, Duration timeout)
      throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    connected(
        peer,
        deadline,
        via -> {
          send(peer.id(), request.apply(via), deadline);
          return via;
        });
  }

  /**
   * Connects if need be. A connection that was there may be closed by the peer, as nobody uses it,
   * in the moment that we do: then once more, over another or a new one.
   */
  private <T> T connected(KadPeer peer, long deadline, Exchange<T> exchange) throws IOException {
    acquire(left(deadline));
    try {
      for (int tries = 1; ; tries++) {
        boolean isNew = host.peer(peer.id()).isEmpty();
        try {
          return exchange.over(connect(peer, deadline));
        } catch (IOException e) {
          if (isNew || tries == TRIES || isItsWord(e)) {
            throw e;
          }
        }
      }
    } finally {
      release();
    }
  }

  /** It does not answer, or refuses: asking once more is of no use. */
  private static boolean isItsWord(IOException e) {
    return e instanceof SocketTimeoutException
        || e instanceof ProtocolException
        || (e instanceof StreamResetException reset && reset.code() != StreamErrors.NONE.code());
  }

  private void send(PeerId peer, KadRequest request, long deadline) throws IOException {
    try (Stream stream = open(peer, deadline)) {
      LengthPrefixed.write(stream, KadMessages.encode(request));
      stream.closeWrite();
      stream.timeout(left(deadline));
      while (stream.read(ByteBuffer.allocate(64)) >= 0) {
        // It has nothing to say, and closes; or it refuses, and resets the stream.
      }
    }
  }

  private void acquire(Duration timeout) throws IOException {
    try {
      if (!permits.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new BusyException("too many requests in flight");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before a request");
    }
    inFlight.add(Thread.currentThread());
  }

  private void release() {
    inFlight.remove(Thread.currentThread());
    permits.release();
  }

  private Multiaddr connect(KadPeer peer, long deadline) throws IOException {
    if (closed) {
      throw new IOException("the DHT node is closed");
    }
    Optional<PeerInfo> connected = host.peer(peer.id());
    if (connected.isPresent()) {
      dialled.computeIfPresent(peer.id(), (p, was) -> clock.instant());
      return connected.get().remoteAddress();
    }
    Duration left = left(deadline);
    host.connect(peer.id(), peer.addresses(), left.compareTo(DIAL) < 0 ? left : DIAL);
    dialled.put(peer.id(), clock.instant());
    return host.peer(peer.id())
        .map(PeerInfo::remoteAddress)
        .orElseThrow(() -> new IOException("connection closed by " + peer.id().toShortString()));
  }

  private KadAnswer exchange(PeerId peer, KadRequest request, long deadline) throws IOException {
    Kept again = kept.remove(peer);
    if (again != null) {
      try {
        return exchange(again.stream(), request, deadline);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        // The peer has closed the stream meanwhile: a new one may do.
      }
    }
    return exchange(open(peer, deadline), request, deadline);
  }

  private Stream open(PeerId peer, long deadline) throws IOException {
    Stream stream = host.newStream(peer, left(deadline), protocol);
    stream.timeout(left(deadline));
    return stream;
  }

  private KadAnswer exchange(Stream stream, KadRequest request, long deadline) throws IOException {
    try {
      stream.timeout(left(deadline));
      LengthPrefixed.write(stream, KadMessages.encode(request));
      byte[] answer = LengthPrefixed.read(stream, KadMessages.MAX_ANSWER_BYTES);
      KadAnswer decoded = KadMessages.decodeAnswer(request, answer);
      keep(stream);
      return decoded;
    } catch (IOException e) {
      stream.reset(StreamErrors.NONE.code());
      throw e;
    }
  }

  private void keep(Stream stream) {
    Kept old =
        kept.size() < MAX_KEPT
            ? kept.put(stream.remotePeer(), new Kept(stream, clock.instant()))
            : new Kept(stream, clock.instant());
    close(old);
  }

  private static void close(@Nullable Kept old) {
    if (old != null) {
      old.stream().close();
    }
  }

  private static Duration left(long deadline) throws SocketTimeoutException {
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    return Duration.ofNanos(nanos);
  }

  /**
   * Closes what was not used for long: streams, and the connections that were made for them, unless
   * others use them.
   */
  void sweep() {
    Instant now = clock.instant();
    kept.forEach((peer, stream) -> {
      if (!stream.since().plus(limits.idle()).isAfter(now) && kept.remove(peer, stream)) {
        close(stream);
      }
    });
    Duration keep = limits.idle().multipliedBy(KEEP_CONNECTION);
    dialled.forEach((peer, used) -> {
      if (!used.plus(keep).isAfter(now) && host.disconnectIfIdle(peer)) {
        dialled.remove(peer, used);
      }
    });
  }

  /** Ends the requests in flight, and waits until they have ended. */
  @Override
  public void close() {
    closed = true;
    inFlight.forEach(Thread::interrupt);
    try {
      permits.tryAcquire(limits.requests(), CLOSING.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kept.values().forEach(KadClient::close);
    kept.clear();
  }
}
