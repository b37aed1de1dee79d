package dev.gvmi.libp2p.network;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.io.Traffic;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One authenticated connection. <b>Thread:</b> any. */
public final class Connection {
  private final PeerId peer;
  private final Multiaddr remoteAddress;
  private final boolean inbound;
  private final MuxedConnection streams;
  private final CompletableFuture<PeerInfo> identified = new CompletableFuture<>();
  private final ConcurrentMap<ProtocolId, Semaphore> inboundStreams = new ConcurrentHashMap<>();
  private final AtomicInteger openStreams = new AtomicInteger();
  private volatile PeerInfo info;
  private volatile Supplier<Optional<ConnectionInfo>> details = Optional::empty;

  public Connection(
      PeerId peer, Multiaddr remoteAddress, boolean inbound, MuxedConnection streams) {
    this.peer = peer;
    this.remoteAddress = remoteAddress;
    this.inbound = inbound;
    this.streams = streams;
    this.info =
        new PeerInfo(
            peer, remoteAddress, inbound, null, java.util.List.of(), java.util.Set.of());
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
                    traffic.sentBytes()));
  }

  /** Completes when identify has answered or failed; never exceptionally. */
  public CompletableFuture<PeerInfo> identified() {
    return identified;
  }

  /** Takes what the peer told of itself. */
  public void learn(PeerInfo told) {
    info = told;
  }

  public void identifyDone() {
    identified.complete(info);
  }

  /** Whether a stream is open that one of our protocols has, or serves. */
  public boolean hasStreams() {
    return openStreams.get() > 0;
  }

  public void streamOpened() {
    openStreams.incrementAndGet();
  }

  public void streamClosed() {
    openStreams.decrementAndGet();
  }

  /** The permits for inbound streams of a protocol, {@code limit} in all. */
  public Semaphore permits(ProtocolId protocol, int limit) {
    return inboundStreams.computeIfAbsent(protocol, p -> new Semaphore(limit));
  }
}
