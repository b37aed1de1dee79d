package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.ProviderRecord;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.discovery.RememberedPeer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NetworkRowsTest {
  private static final PeerId PEER = PeerId.fromBytes(hash("aa").toBytes());
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/8.8.8.8/tcp/7437");
  private static final Instant TIME = Instant.ofEpochMilli(1_234_567_890_123L);
  private static final ProviderRecord RECORD =
      new ProviderRecord(
          KadKey.of(hash("bb")), KadPeer.of(PEER, List.of(ADDRESS)), new IpGroup("4:080808"), TIME);
  private static final RememberedPeer KNOWN =
      new RememberedPeer(PEER, List.of(ADDRESS, Multiaddr.parse("/ip6/2001:db8::1/tcp/1")), TIME);

  private static Multihash hash(String pair) {
    return Multihash.of(Multihash.SHA2_256, HexFormat.of().parseHex(pair.repeat(32)));
  }

  @Test
  void rowsAreReadAsTheyWereWritten() {
    assertThat(NetworkRows.decodeRecord(NetworkRows.key(RECORD), NetworkRows.encode(RECORD)))
        .isEqualTo(RECORD);
    assertThat(NetworkRows.decodePeer(NetworkRows.key(PEER), NetworkRows.encode(KNOWN)))
        .isEqualTo(KNOWN);
    assertThat(NetworkRows.decodeOwnKey(NetworkRows.key(RECORD.key()))).isEqualTo(RECORD.key());
    assertThat(NetworkRows.decodeAnnounced(NetworkRows.encode(TIME))).isEqualTo(TIME);
  }

  @Test
  void aRecordIsWrittenAsDocumented() {
    assertThat(HexFormat.of().formatHex(NetworkRows.key(RECORD)))
        .isEqualTo("52" + "0022" + "1220" + "bb".repeat(32) + "1220" + "aa".repeat(32));
    assertThat(HexFormat.of().formatHex(NetworkRows.encode(RECORD)))
        .isEqualTo(
            "0008" + "343a303830383038" + "0000011f71fb04cb" + "01" + "0008" + "0408080808061d0d");
  }

  @Test
  void whatIsCutIsRefused() {
    byte[] row = NetworkRows.encode(RECORD);
    for (int length = 0; length < row.length; length++) {
      byte[] cut = Arrays.copyOf(row, length);
      assertThatThrownBy(() -> NetworkRows.decodeRecord(NetworkRows.key(RECORD), cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] known = NetworkRows.encode(KNOWN);
    for (int length = 0; length < known.length; length++) {
      byte[] cut = Arrays.copyOf(known, length);
      assertThatThrownBy(() -> NetworkRows.decodePeer(NetworkRows.key(PEER), cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> NetworkRows.decodeAnnounced(new byte[9]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
