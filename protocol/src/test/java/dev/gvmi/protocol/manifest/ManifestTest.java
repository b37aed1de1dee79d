package dev.gvmi.protocol.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ManifestTest {
  static List<JsonNode> vectors() throws Exception {
    try (InputStream in = ManifestTest.class.getResourceAsStream("/vectors/manifest.json")) {
      List<JsonNode> all = new ArrayList<>();
      new JsonMapper().readTree(in).forEach(all::add);
      return all;
    }
  }

  /** Feeds SHA-256("gvmi-vector" || counter) for counter 0, 1, ..; or zeros. */
  private static Manifest build(String input, DigestAlgorithm algorithm) throws Exception {
    int size = Integer.parseInt(input.substring(input.indexOf(' ') + 1));
    boolean zeros = input.startsWith("--zeros");
    ManifestBuilder builder = new ManifestBuilder(algorithm, size, new ScalarSegmentHasher());
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
    return builder.finish();
  }

  private static Manifest build(byte[] image, DigestAlgorithm algorithm, int... pieces) {
    ManifestBuilder builder =
        new ManifestBuilder(algorithm, image.length, new ScalarSegmentHasher());
    int at = 0;
    for (int i = 0; at < image.length; i++) {
      int count = Math.min(pieces[i % pieces.length], image.length - at);
      builder.update(ByteBuffer.wrap(image, at, count));
      at += count;
    }
    return builder.finish();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void equalsTheVector(JsonNode vector) throws Exception {
    JsonNode result = vector.get("result");
    DigestAlgorithm algorithm =
        DigestAlgorithm.ofDigestBytes(result.get("bits").asInt() / 8).orElseThrow();
    Manifest manifest = build(vector.get("input").asString(), algorithm);
    assertThat(manifest.image().hex()).isEqualTo(result.get("digest").asString());
    assertThat(manifest.id().hex()).isEqualTo(result.get("manifestId").asString());
    Geometry geometry = manifest.geometry();
    assertThat(geometry.segmentBytes()).isEqualTo(result.get("segmentBytes").asInt());
    assertThat(geometry.chunkCount()).isEqualTo(result.get("chunkCount").asInt());
    assertThat(geometry.segmentCount() - 1).isEqualTo(result.get("checkpointCount").asInt());
    assertThat(geometry.manifestBytes()).isEqualTo(result.get("manifestBytes").asInt());
    assertThat(
            manifest.chunkMatches(0, HexFormat.of().parseHex(result.get("firstChunk").asString())))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void equalsTheDigestOfTheJdkWhateverTheSplit(DigestAlgorithm algorithm) throws Exception {
    Random random = new Random(algorithm.digestBytes());
    for (int round = 0; round < 12; round++) {
      byte[] image = new byte[1 + random.nextInt(3 << 20)];
      random.nextBytes(image);
      byte[] expected =
          MessageDigest.getInstance("SHA3-" + 8 * algorithm.digestBytes()).digest(image);
      Manifest whole = build(image, algorithm, image.length);
      Manifest split =
          build(image, algorithm, 1 + random.nextInt(5000), 1, 1 + random.nextInt(300_000));
      assertThat(whole.image().digest()).isEqualTo(expected);
      assertThat(split).isEqualTo(whole);
      assertThat(Manifest.parse(whole.bytes())).isEqualTo(whole);
    }
  }

  @Test
  void refusesEveryTruncationAndOneByteMore() {
    byte[] image = new byte[3 << 20];
    Manifest manifest = build(image, DigestAlgorithm.SHA3_224, image.length);
    byte[] bytes = new byte[manifest.bytes().remaining() + 1];
    manifest.bytes().get(bytes, 0, bytes.length - 1);
    for (int length = 0; length <= bytes.length; length++) {
      if (length != bytes.length - 1) {
        ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
        assertThatThrownBy(() -> Manifest.parse(cut)).isInstanceOf(InvalidManifestException.class);
      }
    }
  }

  @Test
  void refusesASizeThatDoesNotFitItsLength() {
    Manifest manifest = build(new byte[100], DigestAlgorithm.SHA3_224, 100);
    for (long size : new long[] {0, -1, 262_145, Geometry.MAX_SIZE_BYTES + 1, Long.MAX_VALUE}) {
      ByteBuffer bytes = ByteBuffer.allocate(manifest.bytes().remaining()).put(manifest.bytes());
      bytes.putLong(38, size).flip();
      assertThatThrownBy(() -> Manifest.parse(bytes)).isInstanceOf(InvalidManifestException.class);
    }
  }

  @Test
  void randomBytesBehindTheMagicAreRefused() {
    Random random = new Random(11);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      System.arraycopy(Manifest.MAGIC, 0, bytes, 0, Math.min(8, bytes.length));
      assertThatThrownBy(() -> Manifest.parse(ByteBuffer.wrap(bytes)))
          .isInstanceOf(InvalidManifestException.class);
    }
  }

  @Test
  void builderRefusesMoreAndFewerBytesThanItsSize() {
    ManifestBuilder builder =
        new ManifestBuilder(DigestAlgorithm.SHA3_224, 10, new ScalarSegmentHasher());
    assertThatThrownBy(() -> builder.update(ByteBuffer.allocate(11)))
        .isInstanceOf(IllegalStateException.class);
    builder.update(ByteBuffer.allocate(9));
    assertThatThrownBy(builder::finish).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void theHeadSaysWhatTheWholeSays(DigestAlgorithm algorithm) {
    Manifest whole = build(new byte[3_000_000], algorithm, 1 << 20);
    Manifest.Head head = Manifest.head(whole.bytes().limit(Manifest.HEAD_BYTES));
    assertThat(head).isEqualTo(new Manifest.Head(whole.image(), whole.geometry()));
    for (int length = 0; length < 18 + algorithm.digestBytes(); length++) {
      ByteBuffer cut = whole.bytes().limit(length);
      assertThatThrownBy(() -> Manifest.head(cut)).isInstanceOf(InvalidManifestException.class);
    }
  }
}
