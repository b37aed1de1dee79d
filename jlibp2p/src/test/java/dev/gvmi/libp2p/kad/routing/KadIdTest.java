package dev.gvmi.libp2p.kad.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class KadIdTest {
  private static final JsonNode VECTORS = Vectors.read("kad.json");

  private static KadId target() {
    return KadKey.fromBytes(Vectors.hex(VECTORS, "providerKeyMultihash")).id();
  }

  static Stream<JsonNode> distances() {
    return VECTORS.required("distance").valueStream();
  }

  private static KadId point(JsonNode peer) {
    return KadPeer.of(PeerId.parse(Vectors.text(peer, "peerId")), List.of()).point();
  }

  @Test
  void keyLiesAtItsSha256() {
    assertThat(target()).hasToString(Vectors.text(VECTORS, "targetKadId"));
  }

  @ParameterizedTest
  @MethodSource("distances")
  void distanceIsTheXor(JsonNode peer) {
    assertThat(point(peer)).hasToString(Vectors.text(peer, "kadId"));
    assertThat(point(peer).distance(target()))
        .hasToString(Vectors.text(peer, "xorDistanceToTarget"));
    assertThat(point(peer).commonPrefix(target()))
        .isEqualTo(peer.required("commonPrefixLength").asInt());
  }

  @Test
  void ordersByDistance() {
    List<String> sorted =
        distances()
            .sorted((left, right) -> target().compareDistance(point(left), point(right)))
            .map(peer -> Vectors.text(peer, "peerId"))
            .toList();
    assertThat(sorted)
        .isEqualTo(VECTORS.required("closestFirst").valueStream().map(JsonNode::asString).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 127, 128, 200, 255})
  void countsEqualBitsOverAllWords(int bit) {
    long[] words = new long[4];
    words[bit / 64] = 1L << (63 - bit % 64);
    KadId zero = new KadId(0, 0, 0, 0);
    KadId other = new KadId(words[0], words[1], words[2], words[3]);
    assertThat(zero.commonPrefix(other)).isEqualTo(bit);
    assertThat(zero.commonPrefix(zero)).isEqualTo(256);
    assertThat(zero.compareDistance(other, zero)).isPositive();
    assertThat(zero.compareDistance(zero, other)).isNegative();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 9})
  void findsAKeyOfABucket(int prefix) {
    KadKey key = KadKey.random(target(), prefix, new Random(prefix));
    assertThat(key.id().commonPrefix(target())).isEqualTo(prefix);
    assertThat(Multihash.fromBytes(key.toBytes()).namesPeer()).isTrue();
  }

  @Test
  void refusesKeysThatAreEmptyOrTooLong() {
    assertThat(KadKey.fromBytes(new byte[80]).toBytes()).hasSize(80);
    assertThatIllegalArgumentException().isThrownBy(() -> KadKey.fromBytes(new byte[81]));
    assertThatIllegalArgumentException().isThrownBy(() -> KadKey.fromBytes(new byte[0]));
  }
}
