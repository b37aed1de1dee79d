package dev.gvmi.libp2p.network;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.io.Traffic;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One authenticated connection. <b>Thread:</b> any. */
public final class Connection {
  private final PeerId peer;
  private final Multiaddr remoteAddress;
  private final boolean inbound;
  private final MuxedConnection streams;
  private final CompletableFuture<PeerInfo> identified = new CompletableFuture<>();
  private final AtomicInteger openStreams = new AtomicInteger();

  /** Set when it is entered in the table, before a stream is served. */
  private volatile PeerStreams peerStreams = new PeerStreams();

  private volatile long lastUsedNanos = System.nanoTime();
  private volatile boolean retired;
  private volatile PeerInfo info;
  private volatile long recordSequence;
  private volatile @Nullable ByteBuffer signedRecord;
  private volatile @Nullable Multiaddr observedAddress;
  private volatile Supplier<Optional<ConnectionInfo>> details = Optional::empty;

  public Connection(
      PeerId peer, Multiaddr remoteAddress, boolean inbound, MuxedConnection streams) {
    this.peer = peer;
    this.remoteAddress = remoteAddress;
    this.inbound = inbound;
    this.streams = streams;
    this.info =
        new PeerInfo(peer, remoteAddress, inbound, null, java.util.List.of(), java.util.Set.of());
    streams.closed().whenComplete((done, failure) -> retire());
  }

  public PeerId peer() {
    return peer;
  }

  public Multiaddr remoteAddress() {
    return remoteAddress;
  }

  public boolean inbound() {
    return inbound;
  }

  public MuxedConnection streams() {
    return streams;
  }

  /** What is known of the peer by now. */
  public PeerInfo info() {
    return info;
  }

  /** How it is made and what went over it; empty if that is not known. */
  public Optional<ConnectionInfo> details() {
    return details.get();
  }

  /** Says what it was agreed on at its start, and counts what goes over it from then on. */
  public void describe(Instant since, String security, String muxer, Traffic traffic) {
    details =
        () ->
            Optional.of(
                new ConnectionInfo(
                    since,
                    security,
                    muxer,
                    streams.streamCount(),
                    traffic.receivedBytes(),
                    traffic.sentBytes(),
                    streams.roundTrip().orElse(null)));
  }

  /** Completes when identify has answered or failed; never exceptionally. */
  public CompletableFuture<PeerInfo> identified() {
    return identified;
  }

  /** Takes what the peer told of itself, on this connection or another. */
  public void learn(PeerInfo told, long sequence, @Nullable ByteBuffer record) {
    info =
        new PeerInfo(
            peer, remoteAddress, inbound, told.agent(), told.listenAddresses(), told.protocols());
    recordSequence = sequence;
    signedRecord = record == null ? signedRecord : record.asReadOnlyBuffer();
  }

  /** The peer's latest signed record, as it came; empty if it has sent none. */
  public Optional<ByteBuffer> signedRecord() {
    return Optional.ofNullable(signedRecord).map(ByteBuffer::duplicate);
  }

  /** The number of the peer's latest signed record; 0 if it has sent none. */
  public long recordSequence() {
    return recordSequence;
  }

  /** Takes where the peer sees us. */
  public void observedAt(Multiaddr address) {
    observedAddress = address;
  }

  /** Where the peer sees us; empty until it has told. */
  public Optional<Multiaddr> observedAddress() {
    return Optional.ofNullable(observedAddress);
  }

  /** It is being closed: nobody is given it any more. */
  public void retire() {
    retired = true;
  }

  /** Whether it can carry more streams. */
  public boolean isOpen() {
    return !retired;
  }

  public void identifyDone() {
    identified.complete(info);
  }

  /** Whether a stream is open that one of our protocols has, or serves. */
  public boolean hasStreams() {
    return openStreams.get() > 0;
  }

  /** When a stream was last closed, or when it was made; by {@link System#nanoTime}. */
  long lastUsedNanos() {
    return lastUsedNanos;
  }

  public void streamOpened() {
    openStreams.incrementAndGet();
  }

  public void streamClosed() {
    lastUsedNanos = System.nanoTime();
    openStreams.decrementAndGet();
  }

  /** The inbound streams of the peer, on all of its connections. */
  public PeerStreams peerStreams() {
    return peerStreams;
  }

  void share(PeerStreams ofPeer) {
    peerStreams = ofPeer;
  }
}
