package dev.gvmi.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WireMessagesTest {
  private static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));
  private static final ManifestId MANIFEST = ManifestId.parseHex("cd".repeat(32));

  /** A decoder of one message. */
  private interface Decoder {
    Object decode(byte[] payload) throws WireException;
  }

  private record Sample(Object message, byte[] bytes, Decoder decoder) {}

  private static List<Sample> samples() {
    List<Sample> all = new ArrayList<>();
    for (ManifestAsk.Kind kind : ManifestAsk.Kind.values()) {
      ManifestAsk ask = new ManifestAsk(IMAGE, Optional.of(MANIFEST), kind, 77);
      all.add(new Sample(ask, ask.encode(), ManifestAsk::decode));
    }
    ManifestAsk plain =
        new ManifestAsk(IMAGE, Optional.empty(), ManifestAsk.Kind.MANIFEST, 0);
    all.add(new Sample(plain, plain.encode(), ManifestAsk::decode));
    ManifestAnswer found =
        new ManifestAnswer(ManifestAnswer.Status.OK, Optional.of(MANIFEST), 12_345, true);
    all.add(new Sample(found, found.encode(), ManifestAnswer::decode));
    ManifestAnswer busy =
        new ManifestAnswer(ManifestAnswer.Status.BUSY, Optional.empty(), 0, false);
    all.add(new Sample(busy, busy.encode(), ManifestAnswer::decode));
    ChunkAsk ask = new ChunkAsk(9, MANIFEST, 3, 4);
    all.add(new Sample(ask, ask.encode(), ChunkMessage::decode));
    ChunkCancel cancel = new ChunkCancel(9);
    all.add(new Sample(cancel, cancel.encode(), ChunkMessage::decode));
    for (ChunkAnswer.Status status : ChunkAnswer.Status.values()) {
      int length = status == ChunkAnswer.Status.OK ? 262_144 : 0;
      ChunkAnswer answer = new ChunkAnswer(9, 3, status, length, 0);
      all.add(new Sample(answer, answer.encode(), ChunkAnswer::decode));
    }
    return all;
  }

  private static HaveUpdate have() {
    return new HaveUpdate(
        Optional.of(IMAGE),
        Optional.of(MANIFEST),
        false,
        8,
        new byte[] {1, 2, 3},
        List.of(new HaveUpdate.Range(100, 5)),
        List.of(new HaveUpdate.Range(4, 1)),
        List.of());
  }

  @Test
  void everyMessageIsReadAsItWasWritten() throws Exception {
    for (Sample sample : samples()) {
      assertThat(sample.decoder.decode(sample.bytes)).isEqualTo(sample.message);
    }
    HaveUpdate read = HaveUpdate.decode(have().encode());
    assertThat(read.encode()).isEqualTo(have().encode());
    assertThat(read.bitmap()).isEqualTo(new byte[] {1, 2, 3});
    assertThat(read.gained()).isEqualTo(have().gained());
    assertThat(read.image()).contains(IMAGE);
  }

  @Test
  void fieldsOfLaterVersionsAreSkipped() throws Exception {
    // field 1000, varint 1
    byte[] unknown = HexFormat.of().parseHex("c03e01");
    for (Sample sample : samples()) {
      byte[] longer = Arrays.copyOf(sample.bytes, sample.bytes.length + unknown.length);
      System.arraycopy(unknown, 0, longer, sample.bytes.length, unknown.length);
      assertThat(sample.decoder.decode(longer)).isEqualTo(sample.message);
    }
  }

  @Test
  void oneOverEachBoundIsRefused() {
    refuses(new ChunkAsk(1, MANIFEST, 0, ChunkAsk.MAX_COUNT + 1).encode(), ChunkMessage::decode);
    refuses(new ChunkAsk(1, MANIFEST, -1, 1).encode(), ChunkMessage::decode);
    refuses(new ChunkAsk(1, MANIFEST, 0, 0).encode(), ChunkMessage::decode);
    refuses(
        new ChunkAnswer(1, 0, ChunkAnswer.Status.OK, Geometry.CHUNK_BYTES + 1, 0).encode(),
        ChunkAnswer::decode);
    List<HaveUpdate.Range> many =
        Collections.nCopies(HaveUpdate.MAX_RANGES + 1, new HaveUpdate.Range(0, 1));
    HaveUpdate update =
        new HaveUpdate(
            Optional.empty(),
            Optional.of(MANIFEST),
            false,
            0,
            new byte[0],
            many,
            List.of(),
            List.of());
    refuses(update.encode(), HaveUpdate::decode);
  }

  private static void refuses(byte[] message, Decoder decoder) {
    assertThatThrownBy(() -> decoder.decode(message)).isInstanceOf(WireException.class);
  }

  @Test
  void whatIsCutOrChangedIsReadOrRefusedAndNothingElse() {
    List<Sample> samples = new ArrayList<>(samples());
    samples.add(new Sample(have(), have().encode(), HaveUpdate::decode));
    for (Sample sample : samples) {
      for (int length = 0; length < sample.bytes.length; length++) {
        tryDecode(sample, Arrays.copyOf(sample.bytes, length));
      }
      Random random = new Random(5);
      for (int i = 0; i < 10_000; i++) {
        byte[] changed = sample.bytes.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        tryDecode(sample, changed);
      }
    }
  }

  private static void tryDecode(Sample sample, byte[] bytes) {
    try {
      Object read = sample.decoder.decode(bytes);
      assertThat(read).isNotNull();
    } catch (WireException e) {
      assertThat(e.getMessage()).isNotEmpty();
    } catch (RuntimeException e) {
      fail(sample.message + " as " + HexFormat.of().formatHex(bytes), e);
    }
  }
}
