package dev.gvmi.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.gvmi.protocol.wire.WireSamples.Sample;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WireMessagesTest {
  private static List<Sample> samples() {
    return WireSamples.all();
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isWrittenAsTheGoldenBytes(Sample sample) {
    assertThat(HexFormat.of().formatHex(sample.encoded())).isEqualTo(sample.golden());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isReadAsItWasWritten(Sample sample) throws Exception {
    assertThat(sample.decoder().decode(sample.bytes())).isEqualTo(sample.message());
  }

  // as varint, 8 bytes, length-delimited, 4 bytes, and as a group: field 1000
  @ParameterizedTest
  @MethodSource("samples")
  void fieldsOfLaterVersionsAreSkippedWhereverTheyStand(Sample sample) throws Exception {
    List<String> unknown =
        List.of("c03e01", "c13e0102030405060708", "c23e03ffffff", "c53e01020304", "c33ec43e");
    for (String field : unknown) {
      assertThat(sample.decoder().decode(hex(sample.golden() + field))).isEqualTo(sample.message());
      assertThat(sample.decoder().decode(hex(field + sample.golden()))).isEqualTo(sample.message());
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatIsCutIsReadOrRefusedAndNothingElse(Sample sample) {
    byte[] bytes = sample.bytes();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      try {
        assertThat(sample.decoder().decode(cut)).isNotNull();
      } catch (WireException e) {
        assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
      } catch (RuntimeException e) {
        fail(sample + " as " + HexFormat.of().formatHex(cut), e);
      }
    }
  }

  @Test
  void messageThatNamesNothingIsRefused() {
    assertThatThrownBy(() -> ManifestAsk.decode(new byte[0])).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> ManifestAnswer.decode(new byte[0])).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> ChunkMessage.decode(new byte[0])).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> ChunkMessage.decode(hex("0a00"))).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> ChunkAnswer.decode(new byte[0])).isInstanceOf(WireException.class);
  }

  @Test
  void emptyHaveSaysThatNothingIsHeld() throws Exception {
    HaveUpdate update = HaveUpdate.decode(new byte[0]);
    assertThat(update.complete()).isFalse();
    assertThat(update.image()).isEmpty();
    assertThat(update.manifest()).isEmpty();
    assertThat(update.bitmap()).isEmpty();
  }

  @Test
  void arraysOfAHaveAreCopied() {
    byte[] bitmap = {1};
    byte[] holder = {2};
    HaveUpdate update =
        new HaveUpdate(
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            bitmap,
            List.of(),
            List.of(),
            List.of(holder));
    bitmap[0] = 9;
    holder[0] = 9;
    update.bitmap()[0] = 9;
    update.holders().get(0)[0] = 9;
    assertThat(update.bitmap()).containsExactly(1);
    assertThat(update.holders().get(0)).containsExactly(2);
  }

  // groups within groups, to the full length of a message
  @ParameterizedTest
  @MethodSource("samples")
  void deepNestingIsRefused(Sample sample) {
    byte[] nested = new byte[WireLimits.MAX_MESSAGE_BYTES];
    Arrays.fill(nested, (byte) 0x7b);
    assertThatThrownBy(() -> sample.decoder().decode(nested)).isInstanceOf(WireException.class);
  }
}
