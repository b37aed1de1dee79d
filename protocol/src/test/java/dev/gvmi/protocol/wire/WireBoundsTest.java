package dev.gvmi.protocol.wire;

import static dev.gvmi.protocol.wire.WireSamples.IMAGE;
import static dev.gvmi.protocol.wire.WireSamples.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bound of docs/protocol: the last value within it is read, the next one refused. */
final class WireBoundsTest {
  private static final int LAST_CHUNK = (int) (Geometry.MAX_SIZE_BYTES / Geometry.CHUNK_BYTES) - 1;

  private static void accepts(byte[] message, WireSamples.Decoder decoder) throws WireException {
    assertThat(decoder.decode(message)).isNotNull();
  }

  private static void refuses(byte[] message, WireSamples.Decoder decoder) {
    assertThatThrownBy(() -> decoder.decode(message))
        .isInstanceOf(WireException.class)
        .message()
        .isNotEmpty()
        .doesNotContain("\n");
  }

  private static void refuses(String hex, WireSamples.Decoder decoder) {
    refuses(HexFormat.of().parseHex(hex), decoder);
  }

  private static byte[] ask(long offset) {
    return new ManifestAsk(IMAGE, Optional.empty(), ManifestAsk.Kind.MANIFEST, offset).encode();
  }

  @Test
  void offsetOfAManifestRequest() throws Exception {
    accepts(ask(Manifest.MAX_BYTES), ManifestAsk::decode);
    for (long offset : new long[] {1L << 31, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
      refuses(ask(offset), ManifestAsk::decode);
    }
  }

  // other hash, other length, cut, one byte more, none
  @ParameterizedTest
  @ValueSource(strings = {"1220", "171b", "161c", "1c17", "17", "0a1c", "00"})
  void imageThatIsNoSha3Multihash(String start) {
    String multihash = start + "ab".repeat(28);
    String field = "0a%02x".formatted(multihash.length() / 2) + multihash;
    refuses(field, ManifestAsk::decode);
    refuses(field, HaveUpdate::decode);
  }

  @ParameterizedTest
  @CsvSource({"29", "31", "2"})
  void imageOfAnotherLength(int length) {
    String field = "0a%02x171c".formatted(length) + "ab".repeat(length - 2);
    refuses(field, ManifestAsk::decode);
    refuses(field, HaveUpdate::decode);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 64})
  void manifestIdOfAnotherLength(int length) {
    String field = "12%02x".formatted(length) + "cd".repeat(length);
    String request = field + "2001";
    String image = HexFormat.of().formatHex(ask(0));
    refuses(image + field, ManifestAsk::decode);
    refuses(field, ManifestAnswer::decode);
    refuses(field, HaveUpdate::decode);
    refuses("0a%02x".formatted(request.length() / 2) + request, ChunkMessage::decode);
  }

  @Test
  void unknownValuesOfEnumerations() {
    refuses(HexFormat.of().formatHex(ask(0)) + "1802", ManifestAsk::decode);
    refuses("0803", ManifestAnswer::decode);
    refuses("1804", ChunkAnswer::decode);
    refuses("18ffffffffffffffffff01", ChunkAnswer::decode);
  }

  private static byte[] answer(long length) {
    return new ManifestAnswer(ManifestAnswer.Status.OK, Optional.of(MANIFEST), length, true)
        .encode();
  }

  @Test
  void lengthOfAManifest() throws Exception {
    accepts(answer(Manifest.MAX_BYTES), ManifestAnswer::decode);
    for (long length : new long[] {Manifest.MAX_BYTES + 1, 1L << 32, Long.MAX_VALUE, -1}) {
      refuses(answer(length), ManifestAnswer::decode);
    }
  }

  @Test
  void manifestWithoutItsId() {
    refuses(
        new ManifestAnswer(ManifestAnswer.Status.OK, Optional.empty(), 100, true).encode(),
        ManifestAnswer::decode);
  }

  private static byte[] have(int offset, int bitmap, List<byte[]> holders) {
    return new HaveUpdate(
            Optional.empty(),
            Optional.of(MANIFEST),
            false,
            offset,
            new byte[bitmap],
            List.of(),
            List.of(),
            holders)
        .encode();
  }

  @Test
  void bitmapAndItsOffset() throws Exception {
    accepts(have(LAST_CHUNK, 1, List.of()), HaveUpdate::decode);
    refuses(have(LAST_CHUNK + 1, 1, List.of()), HaveUpdate::decode);
    refuses(have(-1, 1, List.of()), HaveUpdate::decode);
    accepts(have(0, WireLimits.MAX_BITMAP_PIECE_BYTES, List.of()), HaveUpdate::decode);
    refuses(have(0, WireLimits.MAX_BITMAP_PIECE_BYTES + 1, List.of()), HaveUpdate::decode);
  }

  @Test
  void holders() throws Exception {
    accepts(have(0, 0, Collections.nCopies(16, new byte[2048])), HaveUpdate::decode);
    refuses(have(0, 0, Collections.nCopies(17, new byte[1])), HaveUpdate::decode);
    refuses(have(0, 0, List.of(new byte[2049])), HaveUpdate::decode);
    refuses(have(0, 0, List.of(new byte[0])), HaveUpdate::decode);
  }

  private static List<byte[]> both(HaveUpdate.Range... ranges) {
    List<HaveUpdate.Range> list = List.of(ranges);
    return List.of(
        ranged(list, List.of(), List.of()),
        ranged(List.of(), list, List.of()),
        ranged(List.of(), List.of(), list));
  }

  private static byte[] ranged(
      List<HaveUpdate.Range> gained, List<HaveUpdate.Range> lost, List<HaveUpdate.Range> handed) {
    return new HaveUpdate(
            Optional.empty(),
            Optional.of(MANIFEST),
            false,
            0,
            new byte[0],
            gained,
            lost,
            List.of(),
            handed)
        .encode();
  }

  @Test
  void numberOfRanges() throws Exception {
    HaveUpdate.Range[] most =
        IntStream.range(0, HaveUpdate.MAX_RANGES)
            .mapToObj(i -> new HaveUpdate.Range(LAST_CHUNK - i, 1))
            .toArray(HaveUpdate.Range[]::new);
    for (byte[] message : both(most)) {
      accepts(message, HaveUpdate::decode);
      assertThat(message.length).isLessThan(WireLimits.MAX_MESSAGE_BYTES);
    }
    HaveUpdate.Range[] more =
        Collections.nCopies(HaveUpdate.MAX_RANGES + 1, new HaveUpdate.Range(0, 1))
            .toArray(HaveUpdate.Range[]::new);
    both(more).forEach(message -> refuses(message, HaveUpdate::decode));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 262144, true",
    "262143, 1, true",
    "1, 262143, true",
    "0, 0, false",
    "0, 262145, false",
    "262144, 1, false",
    "262143, 2, false",
    "-1, 1, false",
    "0, -1, false",
    "-1, -1, false"
  })
  void rangesEndWithTheLargestImage(int first, int count, boolean within) throws Exception {
    for (byte[] message : both(new HaveUpdate.Range(first, count))) {
      if (within) {
        accepts(message, HaveUpdate::decode);
      } else {
        refuses(message, HaveUpdate::decode);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4, true",
    "262143, 1, true",
    "262140, 4, true",
    "0, 5, false",
    "0, 0, false",
    "0, -1, false",
    "-1, 1, false",
    "262144, 1, false",
    "262141, 4, false"
  })
  void chunksOfARequest(int first, int count, boolean within) throws Exception {
    byte[] message = new ChunkAsk(1, MANIFEST, first, count).encode();
    if (within) {
      accepts(message, ChunkMessage::decode);
    } else {
      refuses(message, ChunkMessage::decode);
    }
  }

  @Test
  void requestWithoutManifest() {
    refuses("0a06080118002001", ChunkMessage::decode);
  }

  private static byte[] chunk(int index, ChunkAnswer.Status status, int length, int retry) {
    return new ChunkAnswer(1, index, status, length, retry).encode();
  }

  @Test
  void lengthOfAChunk() throws Exception {
    accepts(chunk(0, ChunkAnswer.Status.OK, 1, 0), ChunkAnswer::decode);
    accepts(chunk(0, ChunkAnswer.Status.OK, Geometry.CHUNK_BYTES, 0), ChunkAnswer::decode);
    for (int length : new int[] {0, Geometry.CHUNK_BYTES + 1, -1}) {
      refuses(chunk(0, ChunkAnswer.Status.OK, length, 0), ChunkAnswer::decode);
    }
  }

  @Test
  void bytesFollowOnlyWithOk() {
    for (ChunkAnswer.Status status : ChunkAnswer.Status.values()) {
      if (status != ChunkAnswer.Status.OK) {
        refuses(chunk(0, status, 1, 0), ChunkAnswer::decode);
      }
    }
  }

  @Test
  void indexAndRetryOfAnAnswer() throws Exception {
    accepts(chunk(LAST_CHUNK, ChunkAnswer.Status.BUSY, 0, 600_000), ChunkAnswer::decode);
    refuses(chunk(LAST_CHUNK + 1, ChunkAnswer.Status.BUSY, 0, 0), ChunkAnswer::decode);
    refuses(chunk(-1, ChunkAnswer.Status.BUSY, 0, 0), ChunkAnswer::decode);
    refuses(chunk(0, ChunkAnswer.Status.BUSY, 0, 600_001), ChunkAnswer::decode);
    refuses(chunk(0, ChunkAnswer.Status.BUSY, 0, -1), ChunkAnswer::decode);
  }

  private static byte[] announcement(int gained, int dropped, long sizeBytes) {
    Announcement.Gained entry = new Announcement.Gained(IMAGE, MANIFEST, sizeBytes, true);
    return new Announcement(Collections.nCopies(gained, entry), Collections.nCopies(dropped, IMAGE))
        .encode();
  }

  @Test
  void imagesInAnAnnouncement() throws Exception {
    accepts(announcement(256, 0, 1), Announcement::decode);
    accepts(announcement(100, 156, 1), Announcement::decode);
    refuses(announcement(257, 0, 1), Announcement::decode);
    refuses(announcement(100, 157, 1), Announcement::decode);
  }

  @Test
  void sizeOfAnAnnouncedImage() throws Exception {
    accepts(announcement(1, 0, Geometry.MAX_SIZE_BYTES), Announcement::decode);
    for (long size : new long[] {0, Geometry.MAX_SIZE_BYTES + 1, -1}) {
      refuses(announcement(1, 0, size), Announcement::decode);
    }
  }

  @Test
  void announcedWithoutImageOrManifest() {
    refuses("0a02" + "1801", Announcement::decode);
    refuses("0a22" + "0a1e171c" + "ab".repeat(28) + "1801", Announcement::decode);
    refuses("1200", Announcement::decode);
  }
}
