package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SourcesTest {
  private static final PeerId A = peer(1);
  private static final PeerId B = peer(2);

  private static PeerId peer(int n) {
    byte[] digest = new byte[32];
    digest[0] = (byte) n;
    return PeerId.of(Multihash.of(Multihash.SHA2_256, digest));
  }

  @Test
  void whatTheNextManifestDoesNotNameWasWasted() {
    Sources sources = new Sources();
    sources.stored(A, 0, 100);
    sources.stored(A, 1, 100);
    sources.stored(B, 2, 70);
    BitSet kept = new BitSet();
    kept.set(0);
    sources.keep(kept);
    sources.stored(B, 1, 100);
    sources.wasted(5);
    assertThat(sources.bytesByPeer()).isEqualTo(Map.of(A.toString(), 100L, B.toString(), 100L));
    assertThat(sources.peers()).containsExactlyInAnyOrder(A, B);
    assertThat(sources.wastedBytes()).isEqualTo(175);
  }
}
