package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.kad.routing.ProviderRecord;
import dev.gvmi.node.discovery.RememberedPeer;
import java.util.Arrays;

/** Whatever a damaged disk makes of a row, it is read, or refused in one way. */
final class NetworkRowsFuzzTest {
  @FuzzTest
  void record(byte[] input) {
    try {
      ProviderRecord read = NetworkRows.decodeRecord(half(input, true), half(input, false));
      assertThat(NetworkRows.decodeRecord(NetworkRows.key(read), NetworkRows.encode(read)))
          .isEqualTo(read);
    } catch (IllegalArgumentException e) {
      assertThat(e).isNotNull();
    }
  }

  @FuzzTest
  void peer(byte[] input) {
    try {
      RememberedPeer read = NetworkRows.decodePeer(half(input, true), half(input, false));
      assertThat(NetworkRows.decodePeer(NetworkRows.key(read.peer()), NetworkRows.encode(read)))
          .isEqualTo(read);
    } catch (IllegalArgumentException e) {
      assertThat(e).isNotNull();
    }
  }

  /** The first byte says where the key ends and the row begins; a key has its prefix. */
  private static byte[] half(byte[] input, boolean first) {
    int split = input.length == 0 ? 0 : Math.min(Byte.toUnsignedInt(input[0]), input.length);
    byte[] part =
        first
            ? Arrays.copyOfRange(input, 0, Math.max(1, split))
            : Arrays.copyOfRange(input, split, input.length);
    return part;
  }
}
