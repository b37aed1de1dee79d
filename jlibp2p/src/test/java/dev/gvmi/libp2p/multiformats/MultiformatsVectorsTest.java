package dev.gvmi.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class MultiformatsVectorsTest {
  private static final Map<String, Integer> CODES =
      Map.of(
          "identity", 0x00,
          "sha2-256", 0x12,
          "sha2-512", 0x13,
          "sha3-512", 0x14,
          "sha3-384", 0x15,
          "sha3-256", 0x16,
          "sha3-224", 0x17);

  private static Stream<JsonNode> varints() {
    return Vectors.read("multiformats.json")
        .required("unsignedVarint")
        .required("valid")
        .valueStream();
  }

  private static Stream<JsonNode> invalidVarints() {
    return Vectors.read("multiformats.json")
        .required("unsignedVarint")
        .required("invalid")
        .valueStream();
  }

  private static Stream<JsonNode> hashes() {
    return Vectors.all("multiformats.json", "multihashAndCid");
  }

  private static Stream<JsonNode> addresses() {
    return Vectors.all("multiaddr.json", "valid");
  }

  private static Stream<JsonNode> invalidAddresses() {
    return Vectors.all("multiaddr.json", "invalidText");
  }

  private static Stream<JsonNode> invalidAddressBytes() {
    return Vectors.all("multiaddr.json", "invalidBytes");
  }

  @ParameterizedTest
  @MethodSource("varints")
  void varint(JsonNode vector) {
    long value = Long.parseLong(Vectors.text(vector, "value"));
    byte[] bytes = Vectors.hex(vector, "bytes");
    assertThat(Varint.encode(value)).isEqualTo(bytes);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    assertThat(Varint.get(in)).isEqualTo(value);
    assertThat(in.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("invalidVarints")
  void refusesVarint(JsonNode vector) {
    ByteBuffer in = ByteBuffer.wrap(Vectors.hex(vector, "bytes"));
    assertThatThrownBy(() -> Varint.get(in))
        .isInstanceOf(
            Vectors.text(vector, "why").equals("truncated")
                ? BufferUnderflowException.class
                : IllegalArgumentException.class);
    byte[] bytes = Vectors.hex(vector, "bytes");
    assertThatThrownBy(() -> Multihash.fromBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Cid.fromBytes(bytes)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Multiaddr.fromBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @MethodSource("hashes")
  void multihashAndCid(JsonNode vector) throws Exception {
    byte[] input = Vectors.text(vector, "inputUtf8").getBytes(StandardCharsets.UTF_8);
    String hash = Vectors.text(vector, "hash");
    int code = vector.required("code").asInt();
    assertThat(code).isEqualTo(CODES.get(hash));
    byte[] digest = digest(hash, input);
    Multihash multihash = Multihash.of(code, digest);
    assertThat(multihash.toBytes()).isEqualTo(Vectors.hex(vector, "multihash"));
    assertThat(Multihash.fromBytes(Vectors.hex(vector, "multihash"))).isEqualTo(multihash);
    assertThat(multihash.digest()).hasSize(vector.required("digestLength").asInt());
    assertThat(Base.BASE58.encode(multihash.toBytes()))
        .isEqualTo(Vectors.text(vector, "base58btcBare"));
    assertThat(Base.BASE58.decode(Vectors.text(vector, "base58btcBare")))
        .isEqualTo(multihash.toBytes());
    assertThat(MessageDigest.getInstance("SHA-256").digest(multihash.toBytes()))
        .isEqualTo(Vectors.hex(vector, "dhtKadId"));

    Cid cid = Cid.of(Cid.RAW, multihash);
    assertThat(cid.toBytes()).isEqualTo(Vectors.hex(vector, "cidV1RawBytes"));
    assertThat(Cid.fromBytes(cid.toBytes())).isEqualTo(cid);
    assertThat(cid.toString(Multibase.BASE32)).isEqualTo(Vectors.text(vector, "cidV1RawBase32"));
    assertThat(cid.toString(Multibase.BASE36)).isEqualTo(Vectors.text(vector, "cidV1RawBase36"));
    assertThat(cid.toString(Multibase.BASE58_BTC))
        .isEqualTo(Vectors.text(vector, "cidV1RawBase58btc"));
    for (String form : new String[] {"cidV1RawBase32", "cidV1RawBase36", "cidV1RawBase58btc"}) {
      assertThat(Cid.parse(Vectors.text(vector, form))).isEqualTo(cid);
    }
    for (Multibase base : Multibase.values()) {
      assertThat(Multibase.decode(base.encode(multihash.toBytes())))
          .as("%s", base)
          .isEqualTo(multihash.toBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("hashes")
  void aBareSha256IsACidOfVersion0(JsonNode vector) {
    String text = Vectors.text(vector, "base58btcBare");
    byte[] bytes = Vectors.hex(vector, "multihash");
    if (!Vectors.text(vector, "hash").equals("sha2-256")) {
      assertThatThrownBy(() -> Cid.parse(text)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Cid.fromBytes(bytes)).isInstanceOf(IllegalArgumentException.class);
      return;
    }
    Cid cid = Cid.parse(text);
    assertThat(cid).isEqualTo(Cid.fromBytes(bytes)).hasToString(text);
    assertThat(cid.version()).isZero();
    assertThat(cid.toBytes()).isEqualTo(bytes);
  }

  private static byte[] digest(String hash, byte[] input) throws Exception {
    if (hash.equals("identity")) {
      return input;
    }
    String name = hash.toUpperCase(Locale.ROOT).replace("SHA2-", "SHA-");
    return MessageDigest.getInstance(name).digest(input);
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void multiaddr(JsonNode vector) {
    String text = Vectors.text(vector, "text");
    byte[] bytes = Vectors.hex(vector, "bytes");
    assertThat(Multiaddr.parse(text).toBytes()).isEqualTo(bytes);
    assertThat(Multiaddr.fromBytes(bytes)).hasToString(text).isEqualTo(Multiaddr.parse(text));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      Multiaddr.tryFromBytes(cut).ifPresent(a -> assertThat(a.toBytes()).isEqualTo(cut));
    }
  }

  @ParameterizedTest
  @MethodSource("invalidAddresses")
  void refusesMultiaddr(JsonNode vector) {
    assertThatThrownBy(() -> Multiaddr.parse(vector.asString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @MethodSource("invalidAddressBytes")
  void refusesMultiaddrBytes(JsonNode vector) {
    byte[] bytes = Vectors.hex(vector, "bytes");
    assertThatThrownBy(() -> Multiaddr.fromBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Multiaddr.tryFromBytes(bytes)).isEmpty();
  }

  @Test
  void refusesWhatDoesNotNameAPeer() {
    String sha512 = Vectors.text(hashes().toList().get(1), "base58btcBare");
    String identityOfNothing = "11";
    for (String id : new String[] {"z" + sha512, sha512, identityOfNothing}) {
      assertThatThrownBy(() -> Multiaddr.parse("/p2p/" + id))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] bytes = {(byte) 0xa5, 3, 2, 0, 0};
    assertThatThrownBy(() -> Multiaddr.fromBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("peer");
  }

  /** Their lower case is an ASCII letter: the Kelvin sign and the dotted capital I. */
  @Test
  void refusesLettersOfOtherScripts() {
    for (String text : new String[] {"k\u212a", "k\u0130", "b\u212a\u212a", "b\u0130\u0130"}) {
      assertThatThrownBy(() -> Multibase.decode(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void ipfsIsAnotherWordForP2p() {
    Vectors.all("multiaddr.json", "aliases")
        .forEach(alias ->
            assertThat(Multiaddr.parse(Vectors.text(alias, "text")))
                .isEqualTo(Multiaddr.parse(Vectors.text(alias, "sameBytesAs"))));
  }
}
