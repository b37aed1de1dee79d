package dev.gvmi.libp2p.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.multiformats.Cid;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multibase;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class PeerIdVectorsTest {
  private static Stream<JsonNode> keys() {
    return Vectors.all("peer-ids.json", "keys");
  }

  private static Stream<JsonNode> textForms() {
    return Vectors.all("peer-ids.json", "textForms");
  }

  @ParameterizedTest
  @MethodSource("keys")
  void theIdOfAKey(JsonNode vector) throws Exception {
    byte[] key = Vectors.hex(vector, "publicKeyProtobuf");
    PeerId id = PeerId.of(PublicKey.fromProtobuf(key));
    assertThat(PublicKey.fromProtobuf(key).toProtobuf()).isEqualTo(key);
    assertThat(id.toBytes()).isEqualTo(Vectors.hex(vector, "peerIdMultihash"));
    assertThat(id).hasToString(Vectors.text(vector, "peerIdBase58"));
    assertThat(id.toCidString())
        .isIn(Vectors.text(vector, "peerIdCidBase32"), Vectors.text(vector, "peerIdCidBase36"));
    for (String form : new String[] {"peerIdBase58", "peerIdCidBase32", "peerIdCidBase36"}) {
      assertThat(PeerId.parse(Vectors.text(vector, form))).isEqualTo(id);
    }
    assertThat(PeerId.fromBytes(Vectors.hex(vector, "peerIdMultihash"))).isEqualTo(id);
    Cid cid = Cid.of(Cid.LIBP2P_KEY, id.multihash());
    assertThat(cid.toString(Multibase.BASE32)).isEqualTo(Vectors.text(vector, "peerIdCidBase32"));
    assertThat(cid.toString(Multibase.BASE36)).isEqualTo(Vectors.text(vector, "peerIdCidBase36"));
    assertThat(MessageDigest.getInstance("SHA-256").digest(id.toBytes()))
        .isEqualTo(Vectors.hex(vector, "kadId"));
    Multiaddr address = Multiaddr.parse("/p2p/" + Vectors.text(vector, "peerIdCidBase36"));
    assertThat(PeerId.of(address)).hasValue(id);
    assertThat(address).hasToString("/p2p/" + id);
  }

  @ParameterizedTest
  @MethodSource("textForms")
  void everyTextFormIsRead(JsonNode vector) {
    PeerId id = PeerId.parse(Vectors.text(vector, "text"));
    assertThat(id.toBytes()).isEqualTo(Vectors.hex(vector, "multihash"));
    assertThat(id).hasToString(Vectors.text(vector, "base58"));
    assertThat(Cid.parse(Vectors.text(vector, "cidBase32")).multihash()).isEqualTo(id.multihash());
    assertThat(id.toCidString()).isEqualTo(Vectors.text(vector, "cidBase32"));
    assertThat(PeerId.parse(Vectors.text(vector, "base58"))).isEqualTo(id);
  }

  @Test
  void ed25519PrivateKeysInBothForms() {
    JsonNode vector =
        keys().filter(v -> Vectors.text(v, "type").equals("Ed25519")).findFirst().orElseThrow();
    byte[] bytes = Vectors.hex(vector, "privateKeyProtobuf");
    HostKey key = HostKey.fromProtobuf(bytes);
    assertThat(key.toProtobuf()).isEqualTo(bytes);
    assertThat(key.peerId()).hasToString(Vectors.text(vector, "peerIdBase58"));
    JsonNode legacy = Vectors.read("peer-ids.json").required("ed25519Legacy96");
    HostKey old = HostKey.fromProtobuf(Vectors.hex(legacy, "protobuf"));
    assertThat(old.peerId()).isEqualTo(key.peerId());
    assertThat(old.toProtobuf()).isEqualTo(bytes);
    byte[] message = "x".getBytes(StandardCharsets.UTF_8);
    assertThat(key.publicKey().verify(message, key.sign(message))).isTrue();
  }

  /** A host has an Ed25519 key; of the other kinds it reads the public ones. */
  @ParameterizedTest
  @MethodSource("keys")
  void otherPrivateKeysAreRefused(JsonNode vector) {
    byte[] bytes = Vectors.hex(vector, "privateKeyProtobuf");
    if (!Vectors.text(vector, "type").equals("Ed25519")) {
      assertThatThrownBy(() -> HostKey.fromProtobuf(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not an Ed25519 private key");
    }
  }

  @Test
  void aLegacyKeyWithTwoPublicKeysIsRefused() {
    byte[] bytes =
        Vectors.hex(Vectors.read("peer-ids.json").required("ed25519Legacy96"), "protobuf");
    bytes[bytes.length - 1] ^= 1;
    assertThatThrownBy(() -> HostKey.fromProtobuf(bytes))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
