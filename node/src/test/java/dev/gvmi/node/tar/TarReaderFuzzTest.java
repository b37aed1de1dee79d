package dev.gvmi.node.tar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarUtils;

/** A tar of somebody else's. */
final class TarReaderFuzzTest {
  private static final TarLimits LIMITS = new TarLimits(64, 2048, 1 << 20);

  static void check(byte[] input) {
    TarReader tar = new TarReader(new ByteArrayInputStream(input), LIMITS);
    try {
      for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
        assertThat(entry.get().name().length()).isLessThanOrEqualTo(64);
        assertThat(entry.get().sizeBytes()).isBetween(0L, 1L << 20);
        assertThat(entry.get().mode()).isBetween(0, 07777);
      }
    } catch (TarException e) {
      assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
    } catch (IOException e) {
      throw new AssertionError("only a TarException may come of bytes", e);
    }
  }

  @FuzzTest
  void any(byte[] input) {
    check(input);
  }

  /** With the checksums of all blocks set right, so that what is behind them is reached. */
  @FuzzTest
  void sealed(byte[] input) {
    byte[] all = input.clone();
    for (int at = 0; at + 512 <= all.length; at += 512) {
      byte[] block = java.util.Arrays.copyOfRange(all, at, at + 512);
      java.util.Arrays.fill(block, 148, 156, (byte) ' ');
      int end = TarUtils.formatCheckSumOctalBytes(TarUtils.computeCheckSum(block), block, 148, 8);
      assertThat(end).isEqualTo(156);
      System.arraycopy(block, 0, all, at, 512);
    }
    check(all);
  }
}
