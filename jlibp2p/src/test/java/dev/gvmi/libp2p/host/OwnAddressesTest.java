package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PeerRecord;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class OwnAddressesTest {
  private static final Multiaddr BOUND = Multiaddr.parse("/ip4/10.0.0.5/tcp/7437");
  private static final Multiaddr EXTERNAL = Multiaddr.parse("/ip4/203.0.113.7/tcp/7437");

  private Instant now = Instant.ofEpochSecond(1_800_000_000);
  private final OwnAddresses own = new OwnAddresses(() -> now);

  private record NoStreams(CompletableFuture<Void> over) implements MuxedConnection {
    @Override
    public ByteStream open() throws IOException {
      throw new IOException("it has no streams");
    }

    @Override
    public int streamCount() {
      return 0;
    }

    @Override
    public CompletionStage<Void> closed() {
      return over;
    }

    @Override
    public void close() {
      over.complete(null);
    }
  }

  private static List<Connection> observers(int count) {
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    List<Connection> all = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Connection connection =
          new Connection(
              peer,
              Multiaddr.parse("/ip4/198.51." + i + ".1/tcp/1"),
              true,
              new NoStreams(new CompletableFuture<>()));
      connection.observedAt(EXTERNAL);
      all.add(connection);
    }
    return all;
  }

  @Test
  void areThoseBoundAndThoseConfirmed() {
    own.bound(BOUND);
    assertThat(own.observed(observers(3))).isFalse();
    assertThat(own.all()).containsExactly(BOUND);
    assertThat(own.observed(observers(4))).isTrue();
    assertThat(own.observed(observers(4))).isFalse();
    assertThat(own.listening()).containsExactly(BOUND);
    assertThat(own.all()).containsExactly(BOUND, EXTERNAL);
  }

  @Test
  void whatPeersSayCountsAsLongAsTheyAreAsked() {
    own.bound(BOUND);
    own.observed(observers(4));
    now = now.plus(Duration.ofMinutes(20));
    own.observed(observers(4));
    now = now.plus(Duration.ofMinutes(20));
    assertThat(own.all()).contains(EXTERNAL);
    now = now.plus(Duration.ofMinutes(10));
    assertThat(own.observed(List.of())).isTrue();
    assertThat(own.all()).containsExactly(BOUND);
  }

  @Test
  void aHostThatListensNowhereIsSeenNowhere() {
    own.observed(observers(4));
    assertThat(own.all()).isEmpty();
  }

  @Test
  void theirRecordIsSignedAnewWhenTheyChange() {
    HostKey key = HostKey.generate(new SecureRandom());
    OwnRecord record = new OwnRecord(key, () -> now);
    PeerRecord first = PeerRecord.open(record.of(List.of(BOUND)).toBytes());
    PeerRecord same = PeerRecord.open(record.of(List.of(BOUND)).toBytes());
    PeerRecord other = PeerRecord.open(record.of(List.of(BOUND, EXTERNAL)).toBytes());
    assertThat(first.addresses()).containsExactly(BOUND);
    assertThat(same.sequence()).isEqualTo(first.sequence());
    assertThat(other.sequence()).isGreaterThan(first.sequence());
    now = now.plusSeconds(1);
    PeerRecord afterRestart =
        PeerRecord.open(new OwnRecord(key, () -> now).of(List.of(BOUND)).toBytes());
    assertThat(afterRestart.sequence()).isGreaterThan(other.sequence());
  }
}
