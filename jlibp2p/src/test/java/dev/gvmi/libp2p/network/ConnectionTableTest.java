package dev.gvmi.libp2p.network;

import static dev.gvmi.libp2p.network.ConnectionTable.Added.ANOTHER;
import static dev.gvmi.libp2p.network.ConnectionTable.Added.FIRST_OF_PEER;
import static dev.gvmi.libp2p.network.ConnectionTable.Added.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class ConnectionTableTest {
  private static final ProtocolId PROTOCOL = new ProtocolId("/a/1");
  private final PeerId peer = HostKey.generate(new SecureRandom()).peerId();
  private final ConnectionTable table = new ConnectionTable(2);
  private int port = 1;

  private static final class Streams implements MuxedConnection {
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private int count;

    @Override
    public ByteStream open() throws IOException {
      throw new IOException("it has no streams");
    }

    @Override
    public int streamCount() {
      return count;
    }

    @Override
    public CompletionStage<Void> closed() {
      return closed;
    }

    @Override
    public void close() {
      closed.complete(null);
    }
  }

  private Connection connection(Streams streams) {
    return new Connection(peer, Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port++), true, streams);
  }

  private Connection connection() {
    return connection(new Streams());
  }

  @Test
  void refusesOneConnectionOverTheLimitOfAPeer() {
    Connection first = connection();
    assertThat(table.add(first)).isEqualTo(FIRST_OF_PEER);
    assertThat(table.add(connection())).isEqualTo(ANOTHER);
    assertThat(table.add(connection())).isEqualTo(REFUSED);
    first.retire();
    assertThat(table.add(connection())).as("one is being closed").isEqualTo(ANOTHER);
  }

  @Test
  void theIdlestIsTheOneUnusedForLongestAndHasNoStream() {
    Connection busy = connection();
    Connection first =
        new Connection(peer, Multiaddr.parse("/ip4/192.0.2.1/tcp/1"), true, new Streams());
    Connection ours =
        new Connection(peer, Multiaddr.parse("/ip4/192.0.2.1/tcp/2"), false, new Streams());
    ConnectionTable wide = new ConnectionTable(9);
    List.of(busy, first, connection(), ours).forEach(wide::add);
    busy.streamOpened();
    assertThat(wide.idlest(true, Duration.ZERO)).contains(first);
    assertThat(wide.idlest(false, Duration.ZERO)).contains(ours);
    assertThat(wide.idlest(true, Duration.ofHours(1))).isEmpty();
    first.streamOpened();
    first.streamClosed();
    assertThat(wide.idlest(true, Duration.ZERO))
        .isPresent()
        .isNotEqualTo(java.util.Optional.of(first));
    first.retire();
    busy.streamClosed();
    assertThat(wide.idlest(true, Duration.ZERO).orElseThrow()).isNotSameAs(first).isNotSameAs(busy);
  }

  @Test
  void handsOutTheOldestThatIsOpen() {
    Connection first = connection();
    Streams streams = new Streams();
    Connection second = connection(streams);
    table.add(first);
    table.add(second);
    assertThat(table.to(peer)).contains(first);
    first.retire();
    assertThat(table.to(peer)).contains(second);
    assertThat(table.onePerPeer()).containsExactly(second);
    assertThat(table.all()).containsExactly(first, second);
    streams.close();
    assertThat(table.to(peer)).isEmpty();
    assertThat(table.onePerPeer()).isEmpty();
  }

  @Test
  void aPeerIsGoneWithTheLastThatIsBeingClosed() {
    Connection dying = connection();
    Connection fresh = connection();
    table.add(dying);
    dying.retire();
    assertThat(table.add(fresh)).isEqualTo(ANOTHER);
    assertThat(table.remove(dying)).isFalse();
    assertThat(table.remove(fresh)).isTrue();
    assertThat(table.remove(fresh)).isFalse();
  }

  @Test
  void theConnectionsOfAPeerShareItsStreams() {
    Connection first = connection();
    Connection second = connection();
    table.add(first);
    table.add(second);
    assertThat(first.peerStreams().take(PROTOCOL, 2)).isTrue();
    assertThat(second.peerStreams().take(PROTOCOL, 2)).isTrue();
    assertThat(first.peerStreams().take(PROTOCOL, 2)).isFalse();
    assertThat(first.peerStreams().most()).isEqualTo(2);
    second.peerStreams().give(PROTOCOL);
    assertThat(first.peerStreams().take(PROTOCOL, 2)).isTrue();
  }

  @Test
  void countsTheStreamsOfAll() {
    Streams one = new Streams();
    Streams other = new Streams();
    one.count = 3;
    other.count = 4;
    table.add(connection(one));
    table.add(connection(other));
    assertThat(table.streams()).isEqualTo(7);
  }

  @Test
  void takesNothingWhenItIsClosed() {
    Connection first = connection();
    table.add(first);
    assertThat(table.close()).containsExactly(first);
    assertThat(table.add(connection())).isEqualTo(REFUSED);
  }

  @Test
  void whatIsLearntOnOneKeepsTheAddressOfTheOther() {
    Connection first = connection();
    Connection second = connection();
    PeerInfo told =
        new PeerInfo(peer, first.remoteAddress(), true, "agent", List.of(), Set.of(PROTOCOL));
    second.learn(told, 5, null);
    assertThat(second.info().agent()).isEqualTo("agent");
    assertThat(second.info().remoteAddress()).isEqualTo(second.remoteAddress());
    assertThat(second.recordSequence()).isEqualTo(5);
  }
}
