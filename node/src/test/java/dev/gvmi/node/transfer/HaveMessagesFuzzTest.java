package dev.gvmi.node.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.wire.HaveUpdate;
import dev.gvmi.protocol.wire.WireException;
import java.util.Arrays;
import java.util.BitSet;

/** What a peer says that it holds, beside one flag for each chunk. */
final class HaveMessagesFuzzTest {
  private static void apply(HaveUpdate update, boolean[] known) {
    if (update.complete()) {
      Arrays.fill(known, true);
      return;
    }
    byte[] bitmap = update.bitmap();
    for (int chunk = 0; chunk < known.length; chunk++) {
      int bit = chunk - update.offset();
      known[chunk] |= bit >= 0 && bit < 8 * bitmap.length && (bitmap[bit / 8] >> bit % 8 & 1) == 1;
      for (HaveUpdate.Range range : update.gained()) {
        known[chunk] |= contains(range, chunk);
      }
      for (HaveUpdate.Range range : update.lost()) {
        known[chunk] &= !contains(range, chunk);
      }
    }
  }

  private static boolean contains(HaveUpdate.Range range, int chunk) {
    return chunk >= range.first() && chunk - range.first() < range.count();
  }

  /** The first byte says how many chunks there are, the second of what kind the known ones are. */
  @FuzzTest
  void updates(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int chunks = 1 + (input[0] & 0xff);
    BitSet known = new BitSet();
    boolean[] flags = new boolean[chunks];
    for (int chunk = 0; chunk < chunks; chunk++) {
      flags[chunk] = (input[1] >> chunk % 8 & 1) == 1;
      known.set(chunk, flags[chunk]);
    }
    try {
      HaveUpdate update = HaveUpdate.decode(Arrays.copyOfRange(input, 2, input.length));
      HaveMessages.apply(update, chunks, known);
      apply(update, flags);
      BitSet handed = HaveMessages.handed(update, chunks);
      assertThat(handed.length()).isLessThanOrEqualTo(chunks);
      for (int chunk = 0; chunk < chunks; chunk++) {
        int index = chunk;
        assertThat(handed.get(chunk))
            .isEqualTo(update.handed().stream().anyMatch(range -> contains(range, index)));
      }
    } catch (WireException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    assertThat(known.length()).isLessThanOrEqualTo(chunks);
    for (int chunk = 0; chunk < chunks; chunk++) {
      assertThat(known.get(chunk)).isEqualTo(flags[chunk]);
    }
  }
}
