package dev.gvmi.node.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.HaveUpdate;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HandedChunksTest {
  private static final ManifestId MANIFEST = manifest(1);
  private static final BitSet NONE = new BitSet();

  private long now = -5;
  private final HandedChunks handed = new HandedChunks(() -> now);

  private static ManifestId manifest(int number) {
    return ManifestId.fromBytes(ByteBuffer.allocate(32).putInt(0, number).array());
  }

  private static BitSet range(int from, int to) {
    BitSet range = new BitSet();
    range.set(from, to);
    return range;
  }

  @Test
  void whatWasHandedIsToldOnce() {
    handed.add(MANIFEST, 100, 10, 4);
    BitSet fresh = handed.since(MANIFEST, NONE);
    assertThat(fresh).isEqualTo(range(10, 14));
    handed.add(MANIFEST, 100, 12, 4);
    assertThat(handed.since(MANIFEST, fresh)).isEqualTo(range(14, 16));
    assertThat(handed.since(manifest(2), NONE)).isEqualTo(NONE);
  }

  @Test
  void whenAllWasHandedItBeginsAnew() {
    handed.add(MANIFEST, 8, 0, 4);
    handed.add(MANIFEST, 8, 4, 4);
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(NONE);
    handed.add(MANIFEST, 8, 0, 1);
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(range(0, 1));
  }

  @Test
  void whenNobodyAskedForAMinuteItBeginsAnew() {
    handed.add(MANIFEST, 100, 0, 4);
    now += HandedChunks.FORGET.toNanos();
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(range(0, 4));
    now++;
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(NONE);
    handed.add(MANIFEST, 100, 8, 1);
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(range(8, 9));
  }

  @Test
  void chunksThatAnImageDoesNotHaveAreNotCounted() {
    handed.add(MANIFEST, 10, 9, 4);
    handed.add(MANIFEST, 10, 262_143, 4);
    assertThat(handed.since(MANIFEST, NONE)).isEqualTo(range(9, 10));
  }

  @Test
  void theImageThatNobodyAskedForLongestIsForgotten() {
    for (int i = 0; i < HandedChunks.MAX_IMAGES; i++) {
      handed.add(manifest(i), 100, 0, 1);
    }
    handed.add(manifest(0), 100, 1, 1);
    handed.add(manifest(HandedChunks.MAX_IMAGES), 100, 0, 1);
    assertThat(handed.images()).isEqualTo(HandedChunks.MAX_IMAGES);
    assertThat(handed.since(manifest(0), NONE)).isEqualTo(range(0, 2));
    assertThat(handed.since(manifest(1), NONE)).isEqualTo(NONE);
  }

  @Test
  void aMessageTellsOfWhatFitsIntoItAndTheNextOfTheRest() throws Exception {
    BitSet fresh = new BitSet();
    for (int i = 0; i < 2 * HaveUpdate.MAX_RANGES + 2; i += 2) {
      fresh.set(i);
    }
    BitSet told = new BitSet();
    BitSet heard = new BitSet();
    for (int messages = 0; messages < 2; messages++) {
      BitSet left = (BitSet) fresh.clone();
      left.andNot(told);
      HaveUpdate sent = HaveMessages.handed(Optional.empty(), MANIFEST, left, told);
      HaveUpdate update = HaveUpdate.decode(sent.encode());
      assertThat(HaveMessages.tellsOfChunks(update)).isFalse();
      heard.or(HaveMessages.handed(update, 100_000));
    }
    assertThat(heard).isEqualTo(fresh);
  }
}
