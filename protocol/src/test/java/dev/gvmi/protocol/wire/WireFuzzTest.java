package dev.gvmi.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.wire.WireSamples.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class WireFuzzTest {
  /**
   * Whatever is read is within bounds, so that it is read again as it is written, which is never
   * longer.
   */
  private static void check(byte[] input, Message read, Decoder decoder) throws WireException {
    byte[] written = read.encode();
    assertThat(written).hasSizeLessThanOrEqualTo(input.length);
    Message again = decoder.decode(written);
    assertThat(again.value()).isEqualTo(read.value());
    assertThat(again.encode()).isEqualTo(written);
    checkBounds(read.value());
  }

  private static void checkBounds(Object message) {
    switch (message) {
      case ManifestAnswer answer ->
          assertThat(answer.lengthBytes()).isBetween(0L, (long) Manifest.MAX_BYTES);
      case HaveUpdate update -> {
        assertThat(update.bitmap()).hasSizeLessThanOrEqualTo(WireLimits.MAX_BITMAP_PIECE_BYTES);
        checkRanges(update.gained());
        checkRanges(update.lost());
      }
      case ChunkAsk ask -> {
        assertThat(ask.count()).isBetween(1, ChunkAsk.MAX_COUNT);
        assertThat(ask.first()).isBetween(0, Fields.MAX_CHUNKS - ask.count());
      }
      case ChunkAnswer answer -> {
        assertThat(answer.lengthBytes()).isBetween(0, Geometry.CHUNK_BYTES);
        assertThat(answer.index()).isBetween(0, Fields.MAX_CHUNKS - 1);
        assertThat(answer.retryMillis()).isBetween(0, 600_000);
      }
      case Announcement announcement ->
          assertThat(announcement.gained().size() + announcement.dropped().size())
              .isLessThanOrEqualTo(Announcement.MAX_ENTRIES);
      default -> {}
    }
  }

  private static void checkRanges(List<HaveUpdate.Range> ranges) {
    assertThat(ranges).hasSizeLessThanOrEqualTo(HaveUpdate.MAX_RANGES);
    for (HaveUpdate.Range range : ranges) {
      assertThat(range.first()).isNotNegative();
      assertThat(range.count()).isBetween(1, Fields.MAX_CHUNKS - range.first());
    }
  }

  private static void mutate(List<Sample> samples, List<byte[]> more, Decoder decoder) {
    List<byte[]> inputs = new ArrayList<>(more);
    samples.forEach(sample -> inputs.add(sample.bytes()));
    Fuzz.run(
        inputs, WireException.class, decoder::decode, (input, read) -> check(input, read, decoder));
  }

  private static void fuzz(byte[] input, Decoder decoder) {
    Fuzz.input(
        input,
        WireException.class,
        decoder::decode,
        (payload, read) -> check(payload, read, decoder));
  }

  private interface Decoder {
    Message decode(byte[] payload) throws WireException;
  }

  private record Message(Object value, Supplier<byte[]> encoder) {
    byte[] encode() {
      return encoder.get();
    }
  }

  private static Message ask(byte[] payload) throws WireException {
    ManifestAsk ask = ManifestAsk.decode(payload);
    return new Message(ask, ask::encode);
  }

  @FuzzTest
  void manifestAsk(byte[] input) {
    fuzz(input, WireFuzzTest::ask);
  }

  @Test
  void mutatedManifestAsks() {
    mutate(WireSamples.manifestAsks(), List.of(), WireFuzzTest::ask);
  }

  private static Message answer(byte[] payload) throws WireException {
    ManifestAnswer answer = ManifestAnswer.decode(payload);
    return new Message(answer, answer::encode);
  }

  @FuzzTest
  void manifestAnswer(byte[] input) {
    fuzz(input, WireFuzzTest::answer);
  }

  @Test
  void mutatedManifestAnswers() {
    mutate(WireSamples.manifestAnswers(), List.of(), WireFuzzTest::answer);
  }

  private static Message have(byte[] payload) throws WireException {
    HaveUpdate update = HaveUpdate.decode(payload);
    return new Message(update, update::encode);
  }

  @FuzzTest
  void haveUpdate(byte[] input) {
    fuzz(input, WireFuzzTest::have);
  }

  @Test
  void mutatedHaveUpdates() {
    mutate(WireSamples.haves(), List.of(), WireFuzzTest::have);
  }

  /** Thousands of the smallest ranges and holders there can be in a message. */
  @Test
  void mutatedHaveUpdatesOfManySmallParts() {
    HaveUpdate ranges =
        new HaveUpdate(
            Optional.of(WireSamples.IMAGE),
            Optional.of(WireSamples.MANIFEST),
            false,
            0,
            new byte[0],
            Collections.nCopies(200, new HaveUpdate.Range(0, 1)),
            Collections.nCopies(200, new HaveUpdate.Range(1, 1)),
            List.of());
    byte[] empty = new byte[4096];
    for (int i = 0; i < empty.length; i += 2) {
      empty[i] = (byte) (i % 6 == 0 ? 0x32 : i % 6 == 2 ? 0x3a : 0x42);
    }
    mutate(
        WireSamples.haves(),
        List.of(ranges.encode(), empty, Arrays.copyOf(empty, 100)),
        WireFuzzTest::have);
  }

  private static Message opener(byte[] payload) throws WireException {
    ChunkMessage message = ChunkMessage.decode(payload);
    return new Message(message, message::encode);
  }

  @FuzzTest
  void chunkMessage(byte[] input) {
    fuzz(input, WireFuzzTest::opener);
  }

  @Test
  void mutatedChunkMessages() {
    mutate(WireSamples.chunkMessages(), List.of(), WireFuzzTest::opener);
  }

  private static Message chunk(byte[] payload) throws WireException {
    ChunkAnswer answer = ChunkAnswer.decode(payload);
    return new Message(answer, answer::encode);
  }

  @FuzzTest
  void chunkAnswer(byte[] input) {
    fuzz(input, WireFuzzTest::chunk);
  }

  @Test
  void mutatedChunkAnswers() {
    mutate(WireSamples.chunkAnswers(), List.of(), WireFuzzTest::chunk);
  }

  private static Message announcement(byte[] payload) throws WireException {
    Announcement announcement = Announcement.decode(payload);
    return new Message(announcement, announcement::encode);
  }

  @FuzzTest
  void announce(byte[] input) {
    fuzz(input, WireFuzzTest::announcement);
  }

  @Test
  void mutatedAnnouncements() {
    mutate(WireSamples.announcements(), List.of(), WireFuzzTest::announcement);
  }
}
