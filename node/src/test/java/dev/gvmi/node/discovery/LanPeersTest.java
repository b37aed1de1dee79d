package dev.gvmi.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostUsage;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamHandler;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.store.TestClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whom {@link LanPeers} dials of those that are found. */
final class LanPeersTest {
  private static final List<Multiaddr> ADDRESSES =
      List.of(
          Multiaddr.parse("/ip4/10.0.0.2/udp/4001/quic-v1"),
          Multiaddr.parse("/ip4/127.0.0.1/tcp/4001"),
          Multiaddr.parse("/ip4/10.0.0.2/tcp/4001"));
  private static final int AT_ONCE = 8;

  private final TestClock clock = new TestClock();
  private final DialledHost host = new DialledHost();
  private final LanPeers peers = new LanPeers(host, new Contacts(host), clock);

  private static PeerId numbered(int number) {
    byte[] key = new byte[36];
    key[35] = (byte) number;
    return PeerId.of(Multihash.of(Multihash.IDENTITY, key));
  }

  private void find(int peer) {
    peers.found(numbered(peer), ADDRESSES);
  }

  @Test
  void dialsAtTheAddressesThatAreNotOfThisMachine() throws Exception {
    find(1);
    assertThat(host.dialled())
        .isEqualTo(Multiaddr.parse("/ip4/10.0.0.2/tcp/4001").withP2p(numbered(1).multihash()));
  }

  @Test
  void doesNotDialAgainSoon() throws Exception {
    find(1);
    host.dialled();
    clock.advance(Duration.ofSeconds(59));
    find(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(host.dials).isEmpty();
    find(1);
    host.dialled();
  }

  @Test
  void doesNotDialWhoIsConnectedOrCannotBeDialled() {
    host.connected.add(numbered(1));
    find(1);
    peers.found(numbered(2), ADDRESSES.subList(1, 2));
    find(3);
    assertThat(host.dialled().toString()).endsWith(numbered(3).toString());
    assertThat(host.dials).isEmpty();
  }

  @Test
  void dialsSoManyAtOnceAndTheOthersLater() {
    host.hold();
    for (int peer = 1; peer <= AT_ONCE + 1; peer++) {
      find(peer);
    }
    for (int i = 0; i < AT_ONCE; i++) {
      host.dialled();
    }
    assertThat(host.dials).isEmpty();
    host.release();
    host.awaitEnded(AT_ONCE);
    // the place of a dial is free a moment after it has ended
    while (host.dials.isEmpty()) {
      find(AT_ONCE + 1);
      Thread.onSpinWait();
    }
    assertThat(host.dialled().toString()).endsWith(numbered(AT_ONCE + 1).toString());
  }

  /** Connects to nobody, and says whom it was told to dial. */
  private static final class DialledHost implements Host {
    private final BlockingQueue<Multiaddr> dials = new LinkedBlockingQueue<>();
    private final Set<PeerId> connected = ConcurrentHashMap.newKeySet();
    private final Semaphore mayEnd = new Semaphore(Integer.MAX_VALUE / 2);
    private final Semaphore ended = new Semaphore(0);

    private void hold() {
      mayEnd.drainPermits();
    }

    private void release() {
      mayEnd.release(Integer.MAX_VALUE / 2);
    }

    private void awaitEnded(int count) {
      ended.acquireUninterruptibly(count);
    }

    private Multiaddr dialled() {
      try {
        Multiaddr address = dials.poll(30, TimeUnit.SECONDS);
        assertThat(address).as("dialled").isNotNull();
        return address;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public PeerId id() {
      return numbered(0);
    }

    @Override
    public PeerId dial(Multiaddr address, Duration timeout) throws IOException {
      throw new IOException("not by itself: " + address);
    }

    @Override
    public void connect(PeerId peer, List<Multiaddr> addresses, Duration timeout)
        throws IOException {
      dials.add(addresses.getLast().withP2p(peer.multihash()));
      mayEnd.acquireUninterruptibly();
      ended.release();
      throw new IOException("nobody is there");
    }

    @Override
    public Optional<PeerInfo> peer(PeerId peer) {
      return connected.contains(peer)
          ? Optional.of(new PeerInfo(peer, ADDRESSES.getLast(), false, null, List.of(), Set.of()))
          : Optional.empty();
    }

    @Override
    public void start() {}

    @Override
    public List<Multiaddr> listenAddresses() {
      return List.of();
    }

    @Override
    public void handle(ProtocolId protocol, StreamHandler handler) {}

    @Override
    public void unhandle(ProtocolId protocol) {}

    @Override
    public Stream newStream(PeerId peer, Duration timeout, ProtocolId... protocols)
        throws IOException {
      throw new IOException("nobody is there");
    }

    @Override
    public List<Multiaddr> addresses() {
      return List.of();
    }

    @Override
    public Optional<ConnectionInfo> connection(PeerId peer) {
      return Optional.empty();
    }

    @Override
    public Optional<ByteBuffer> signedRecord(PeerId peer) {
      return Optional.empty();
    }

    @Override
    public HostUsage usage() {
      throw new UnsupportedOperationException("nobody asks for it");
    }

    @Override
    public List<PeerInfo> peers() {
      return List.of();
    }

    @Override
    public void addConnectionListener(ConnectionListener listener) {}

    @Override
    public void disconnect(PeerId peer) {}

    @Override
    public boolean disconnectIfIdle(PeerId peer) {
      return true;
    }

    @Override
    public void close() {}
  }
}
