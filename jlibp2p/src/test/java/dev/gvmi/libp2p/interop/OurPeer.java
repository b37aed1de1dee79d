package dev.gvmi.libp2p.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A host of ours that serves {@link InteropProtocols}, and plays the opener's part of them.
 *
 * <p><b>Thread:</b> any.
 */
final class OurPeer implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(20);
  static final String AGENT = "gvmi-interop/1";
  private static final int PIECE_BYTES = 100_000;

  private final Host host;
  private final Map<ProtocolId, BlockingQueue<Served>> served = new ConcurrentHashMap<>();
  private final CountDownLatch stallOver = new CountDownLatch(1);

  private OurPeer(Host host) {
    this.host = host;
  }

  /** A stream that the other side opened: what was read of it, and what broke it, if anything. */
  record Served(Tally.Summary taken, @Nullable IOException failure) {
    boolean wasReset() {
      return failure instanceof StreamResetException;
    }
  }

  /** What the opener of an echo sent, and what it got back. */
  record Exchange(Tally.Summary sent, Tally.Summary received) {}

  private interface Service {
    void serve(Stream stream, Tally taken) throws IOException, InterruptedException;
  }

  static OurPeer start(HostLimits limits) throws IOException {
    return start(limits, "/ip4/127.0.0.1/tcp/0");
  }

  static OurPeer start(HostLimits limits, String listen) throws IOException {
    HostConfig config =
        new HostConfig(
            HostKey.generate(new SecureRandom()), List.of(Multiaddr.parse(listen)), AGENT, limits);
    OurPeer peer = new OurPeer(Libp2pHost.create(config));
    peer.serve(InteropProtocols.ECHO, OurPeer::echo);
    peer.serve(InteropProtocols.DIGEST, OurPeer::digest);
    peer.serve(InteropProtocols.GREET, OurPeer::greet);
    peer.serve(InteropProtocols.RESET, OurPeer::resetMidway);
    peer.serve(
        InteropProtocols.REFUSE, (stream, taken) -> stream.reset(InteropProtocols.REFUSAL.code()));
    peer.serve(InteropProtocols.STALL, peer::stall);
    peer.host.start();
    return peer;
  }

  Host host() {
    return host;
  }

  PeerId id() {
    return host.id();
  }

  /** Where it listens, with its peer id. */
  Multiaddr address() {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  /** Waits for the next stream of the protocol that is over. */
  Served served(ProtocolId protocol) throws InterruptedException {
    Served next = journal(protocol).poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no stream of " + protocol + " was over within " + LIMIT);
    }
    return next;
  }

  private BlockingQueue<Served> journal(ProtocolId protocol) {
    return served.computeIfAbsent(protocol, p -> new LinkedBlockingQueue<>());
  }

  // ---- streams that the other side opens ----

  private void serve(ProtocolId protocol, Service service) {
    host.handle(
        protocol,
        stream -> {
          stream.timeout(LIMIT);
          Tally taken = new Tally();
          try {
            service.serve(stream, taken);
            journal(protocol).add(new Served(taken.summary(), null));
          } catch (IOException e) {
            journal(protocol).add(new Served(taken.summary(), e));
            throw e;
          }
        });
  }

  private static void echo(Stream stream, Tally taken) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer) >= 0) {
      taken.add(buffer.flip());
      stream.write(buffer.rewind());
      stream.flush();
      buffer.clear();
    }
  }

  private static void digest(Stream stream, Tally taken) throws IOException {
    Tally whole = new Tally();
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer) >= 0) {
      taken.add(buffer.flip());
      whole.add(buffer.rewind());
      buffer.clear();
    }
    stream.write(US_ASCII.encode(whole.summary().sha256()));
  }

  private static void greet(Stream stream, Tally taken) throws IOException {
    stream.write(US_ASCII.encode(InteropProtocols.GREETING));
    stream.closeWrite();
    drain(stream, taken);
  }

  private static void resetMidway(Stream stream, Tally taken) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (taken.bytes() < InteropProtocols.RESET_AFTER_BYTES && stream.read(buffer) >= 0) {
      taken.add(buffer.flip());
      buffer.clear();
    }
    stream.reset(StreamErrors.NONE.code());
  }

  private void stall(Stream stream, Tally taken) throws IOException, InterruptedException {
    stream.write(US_ASCII.encode("!"));
    stream.flush();
    stallOver.await();
    drain(stream, taken);
  }

  /** Lets the streams go on that {@link InteropProtocols#STALL} holds up. */
  void endStall() {
    stallOver.countDown();
  }

  // ---- streams that we open ----

  Stream open(PeerId peer, ProtocolId protocol) throws IOException {
    Stream stream = host.newStream(peer, LIMIT, protocol);
    stream.timeout(LIMIT);
    return stream;
  }

  Exchange echo(PeerId peer, long bytes) throws Exception {
    try (Stream stream = open(peer, InteropProtocols.ECHO)) {
      CompletableFuture<Tally.Summary> writing = inBackground(() -> writeRandom(stream, bytes));
      Tally received = new Tally();
      drain(stream, received);
      return new Exchange(finish(writing), received.summary());
    }
  }

  /** So many echoes at once. */
  CompletableFuture<List<Exchange>> echoes(PeerId peer, int streams, long bytes) {
    List<CompletableFuture<Exchange>> running =
        java.util.stream.Stream.generate(() -> inBackground(() -> echo(peer, bytes)))
            .limit(streams)
            .toList();
    return CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> running.stream().map(CompletableFuture::join).toList());
  }

  /** Writes random bytes and ends the writing side. */
  static Tally.Summary writeRandom(Stream stream, long bytes) throws IOException {
    Random random = new Random(bytes);
    byte[] piece = new byte[PIECE_BYTES];
    Tally sent = new Tally();
    while (sent.bytes() < bytes) {
      random.nextBytes(piece);
      ByteBuffer data =
          ByteBuffer.wrap(piece, 0, (int) Math.min(bytes - sent.bytes(), piece.length));
      sent.add(data.duplicate());
      stream.write(data);
    }
    stream.closeWrite();
    return sent.summary();
  }

  /** Reads to the end. */
  static void drain(Stream stream, Tally taken) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer) >= 0) {
      taken.add(buffer.flip());
      buffer.clear();
    }
  }

  /** Reads to the end, as text. */
  static String readText(Stream stream) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(1024);
    while (stream.read(text) > 0) {
      // The buffer is larger than any text of these protocols.
    }
    return US_ASCII.decode(text.flip()).toString();
  }

  interface Work<T> {
    T run() throws Exception;
  }

  /** Runs on a virtual thread of its own. */
  static <T> CompletableFuture<T> inBackground(Work<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(work.run());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  static <T> T finish(CompletableFuture<T> work)
      throws InterruptedException, ExecutionException, TimeoutException {
    return work.get(2 * LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    endStall();
    host.close();
  }
}
