package dev.gvmi.protocol.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class DeltaIndexTest {
  private static final ImageId IMAGE = ImageId.of(DigestAlgorithm.SHA3_224, new byte[28]);
  private static final int HEAD = 18 + 28;

  static List<JsonNode> vectors() throws Exception {
    try (InputStream in = DeltaIndexTest.class.getResourceAsStream("/vectors/manifest.json")) {
      List<JsonNode> all = new ArrayList<>();
      new JsonMapper().readTree(in).forEach(all::add);
      // one of the two that take seconds
      all.removeIf(vector -> vector.get("input").asString().equals("--stream 536870912"));
      return all;
    }
  }

  /** Feeds SHA-256("gvmi-vector" || counter) for counter 0, 1, ..; or zeros. */
  private static DeltaIndex build(String input, ImageId image) throws Exception {
    int size = Integer.parseInt(input.substring(input.indexOf(' ') + 1));
    boolean zeros = input.startsWith("--zeros");
    DeltaIndexBuilder builder = new DeltaIndexBuilder(image, size);
    ByteBuffer piece = ByteBuffer.allocate(1 << 20);
    byte[] seed =
        ByteBuffer.allocate(19).put("gvmi-vector".getBytes(StandardCharsets.US_ASCII)).array();
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    long counter = 0;
    for (int left = size; left > 0; ) {
      piece.clear();
      while (piece.hasRemaining()) {
        ByteBuffer.wrap(seed).putLong(11, counter++);
        piece.put(zeros ? new byte[32] : sha.digest(seed));
      }
      int count = Math.min(left, piece.capacity());
      builder.update(piece.flip().limit(count));
      left -= count;
    }
    return builder.finish().orElseThrow();
  }

  private static DeltaIndex build(byte[] image, int... pieces) {
    DeltaIndexBuilder builder = new DeltaIndexBuilder(IMAGE, image.length);
    int at = 0;
    for (int i = 0; at < image.length; i++) {
      int count = Math.min(pieces[i % pieces.length], image.length - at);
      builder.update(ByteBuffer.wrap(image, at, count));
      at += count;
    }
    return builder.finish().orElseThrow();
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** An index of these lengths, for an image as long as they say in all, whatever they are. */
  private static ByteBuffer encoded(long size, int... lengths) {
    ByteBuffer head = DeltaIndex.head(IMAGE, size);
    ByteBuffer all = ByteBuffer.allocate(head.remaining() + 20 * lengths.length).put(head);
    for (int length : lengths) {
      all.putInt(length).putLong(length).putLong(7);
    }
    return all.flip();
  }

  private static void assertRefused(ByteBuffer encoded) {
    assertThatThrownBy(() -> DeltaIndex.parse(encoded))
        .isInstanceOf(InvalidDeltaIndexException.class);
  }

  private static Set<SpanId> ids(DeltaIndex index) {
    Set<SpanId> ids = new HashSet<>();
    index.forEach(span -> ids.add(span.id()));
    return ids;
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void equalsTheVector(JsonNode vector) throws Exception {
    JsonNode result = vector.get("result");
    ImageId image = ImageId.parseHex(result.get("digest").asString());
    DeltaIndex index = build(vector.get("input").asString(), image);
    assertThat(index.spanCount()).isEqualTo(result.get("spanCount").asInt());
    ByteBuffer bytes = index.bytes();
    assertThat(bytes.remaining()).isEqualTo(result.get("deltaBytes").asInt());
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(bytes);
    assertThat(HexFormat.of().formatHex(sha.digest()))
        .isEqualTo(result.get("deltaSha256").asString());
    var spans = index.iterator();
    for (JsonNode first : result.get("firstSpans")) {
      Span span = spans.next();
      assertThat(span.offsetBytes()).isEqualTo(first.get("offset").asLong());
      assertThat(span.lengthBytes()).isEqualTo(first.get("length").asInt());
      assertThat(span.id()).hasToString(first.get("id").asString());
    }
  }

  @Test
  void doesNotDependOnHowTheBytesAreCut() {
    Random random = new Random(3);
    for (int round = 0; round < 6; round++) {
      byte[] image = random(1 + random.nextInt(3 << 20), round);
      DeltaIndex whole = build(image, image.length);
      assertThat(build(image, 1 + random.nextInt(5000), 1, 1 + random.nextInt(300_000)))
          .isEqualTo(whole);
      assertThat(DeltaIndex.parse(whole.bytes())).isEqualTo(whole);
    }
  }

  @Test
  void byteAtATimeGivesTheSame() {
    byte[] image = random(700_000, 5);
    assertThat(build(image, 1)).isEqualTo(build(image, image.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void spansOfBytesThatNeverEndOneHaveTheMostBytes(int more) {
    DeltaIndex index = build(new byte[2 * SpanCutter.MAX_BYTES + more], 100_000);
    assertThat(index).first().extracting(Span::lengthBytes).isEqualTo(SpanCutter.MAX_BYTES);
    assertThat(index.spanCount()).isEqualTo(more > 0 ? 3 : 2);
  }

  @Test
  void bytesPutInChangeOnlyTheSpansAroundThem() {
    byte[] before = random(8 << 20, 1);
    byte[] after = new byte[before.length + 1000];
    int at = 3 << 20;
    System.arraycopy(before, 0, after, 0, at);
    System.arraycopy(random(1000, 2), 0, after, at, 1000);
    System.arraycopy(before, at, after, at + 1000, before.length - at);
    Set<SpanId> held = ids(build(before, before.length));
    long found = 0;
    for (Span span : build(after, after.length)) {
      found += held.contains(span.id()) ? span.lengthBytes() : 0;
    }
    assertThat(after.length - found).isLessThan(1 << 20);
  }

  @Test
  void refusesEveryTruncationAndOneByteMore() {
    DeltaIndex index = build(random(2 << 20, 9), 1 << 20);
    byte[] bytes = new byte[index.bytes().remaining() + 1];
    index.bytes().get(bytes, 0, bytes.length - 1);
    for (int length = 0; length <= bytes.length; length++) {
      if (length != bytes.length - 1) {
        assertRefused(ByteBuffer.wrap(bytes, 0, length));
      }
    }
  }

  @Test
  void takesSpansOfTheLeastAndTheMostBytes() {
    int min = SpanCutter.MIN_BYTES;
    int max = SpanCutter.MAX_BYTES;
    assertThat(DeltaIndex.parse(encoded(min + max + 1L, min, max, 1)).spanCount()).isEqualTo(3);
  }

  @Test
  void refusesLengthsThatNoSpanHas() {
    int min = SpanCutter.MIN_BYTES;
    int max = SpanCutter.MAX_BYTES;
    assertRefused(encoded(max + 1L, max + 1));
    assertRefused(encoded(2L * min - 1, min - 1, min));
    assertRefused(encoded(min, min, 0));
    assertRefused(encoded(min - 1L, min, -1));
    assertRefused(encoded(min + 1L, min, Integer.MIN_VALUE));
  }

  @Test
  void refusesLengthsThatAreNotThoseOfTheImageInAll() {
    int min = SpanCutter.MIN_BYTES;
    assertRefused(encoded(2L * min, min, min + 1));
    assertRefused(encoded(2L * min, min, min - 1));
    assertRefused(encoded(1));
  }

  @Test
  void theHeadSaysHowLongTheRestMayBe() {
    DeltaIndex.Head head = DeltaIndex.head(encoded(1L << 20));
    assertThat(head).isEqualTo(new DeltaIndex.Head(IMAGE, 1L << 20));
    assertThat(head.allows(HEAD + 20 * 2)).isTrue();
    assertThat(head.allows(HEAD + 20 * 64)).isTrue();
    assertThat(head.allows(HEAD + 20)).isFalse();
    assertThat(head.allows(HEAD + 20 * 65)).isFalse();
    assertThat(head.allows(HEAD + 20 * 64 + 1)).isFalse();
    DeltaIndex.Head largest = new DeltaIndex.Head(IMAGE, Geometry.MAX_SIZE_BYTES);
    int most = HEAD + (DeltaIndex.MAX_BYTES - HEAD) / 20 * 20;
    assertThat(largest.allows(most)).isTrue();
    assertThat(largest.allows(most + 20)).isFalse();
  }

  @Test
  void refusesASizeThatNoImageHas() {
    for (long size : new long[] {0, -1, Geometry.MAX_SIZE_BYTES + 1, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> DeltaIndex.head(encoded(size, 1)))
          .isInstanceOf(InvalidDeltaIndexException.class);
    }
  }

  @Test
  void refusesAnotherDigestThanItsCodeSays() {
    ByteBuffer bytes = encoded(1, 1);
    bytes.put(9, (byte) 32);
    assertRefused(bytes);
  }

  @Test
  void builderRefusesMoreAndFewerBytesThanItsSize() {
    DeltaIndexBuilder builder = new DeltaIndexBuilder(IMAGE, 10);
    assertThatThrownBy(() -> builder.update(ByteBuffer.allocate(11)))
        .isInstanceOf(IllegalStateException.class);
    builder.update(ByteBuffer.allocate(9));
    assertThatThrownBy(builder::finish).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anImageHasOneSpanUpToTheLeastLength() {
    for (int size : new int[] {1, SpanCutter.MIN_BYTES}) {
      byte[] image = random(size, size);
      assertThat(build(image, 999)).singleElement().extracting(Span::lengthBytes).isEqualTo(size);
      assertThat(Arrays.equals(image, random(size, size))).isTrue();
    }
  }
}
