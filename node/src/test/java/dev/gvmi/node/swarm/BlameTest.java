package dev.gvmi.node.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.swarm.Blame.Entry;
import dev.gvmi.node.swarm.Blame.Offence;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class BlameTest {
  private static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));
  private static final ImageId OTHER = ImageId.parseHex("cd".repeat(28));

  private final Blame blame = new Blame();

  private static PeerId peer(int number) {
    byte[] digest = ByteBuffer.allocate(32).putInt(number).array();
    return PeerId.of(Multihash.of(Multihash.SHA2_256, digest));
  }

  @Test
  void tellsTheLatestFirstAndEachOnce() {
    blame.add(peer(1), IMAGE, Offence.WRONG_BYTES, Instant.EPOCH);
    blame.add(peer(2), IMAGE, Offence.FALSE_MANIFEST, Instant.EPOCH.plusSeconds(1));
    blame.add(peer(1), IMAGE, Offence.WRONG_BYTES, Instant.EPOCH.plusSeconds(2));
    assertThat(blame.entries())
        .containsExactly(
            new Entry(peer(1), IMAGE, Offence.WRONG_BYTES, Instant.EPOCH.plusSeconds(2)),
            new Entry(peer(2), IMAGE, Offence.FALSE_MANIFEST, Instant.EPOCH.plusSeconds(1)));
  }

  @Test
  void whoIsForgivenForOneImageIsNotForAnother() {
    blame.add(peer(1), IMAGE, Offence.WRONG_BYTES, Instant.EPOCH);
    blame.add(peer(1), OTHER, Offence.WRONG_BYTES, Instant.EPOCH);
    blame.forgive(peer(1), IMAGE);
    assertThat(blame.entries()).extracting(Entry::image).containsExactly(OTHER);
  }

  @Test
  void forgetsTheOldestOfTooMany() {
    for (int i = 0; i <= Blame.MAX_ENTRIES; i++) {
      blame.add(peer(i), IMAGE, Offence.WRONG_BYTES, Instant.EPOCH);
    }
    assertThat(blame.entries())
        .hasSize(Blame.MAX_ENTRIES)
        .extracting(Entry::peer)
        .doesNotContain(peer(0))
        .contains(peer(1));
  }
}
