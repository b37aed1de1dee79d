package dev.gvmi.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is read is written again as it was: there is one form of each value. */
final class MultiformatsFuzzTest {
  private final Fuzz fuzz = Fuzz.allowing(IllegalArgumentException.class);

  private static List<JsonNode> hashes() {
    return Vectors.all("multiformats.json", "multihashAndCid").toList();
  }

  private static List<byte[]> bytes(String field) {
    return hashes().stream().map(v -> Vectors.hex(v, field)).toList();
  }

  private static List<byte[]> addresses() {
    return Vectors.all("multiaddr.json", "valid").map(v -> Vectors.hex(v, "bytes")).toList();
  }

  private static void varint(byte[] input) {
    ByteBuffer in = ByteBuffer.wrap(input);
    try {
      long value = Varint.get(in);
      assertThat(Varint.encode(value)).isEqualTo(Arrays.copyOf(input, in.position()));
    } catch (BufferUnderflowException cut) {
      assertThat(in.hasRemaining()).isFalse();
    }
  }

  @Test
  void varint() {
    List<byte[]> golden =
        Vectors.read("multiformats.json")
            .required("unsignedVarint")
            .required("valid")
            .valueStream()
            .map(v -> Vectors.hex(v, "bytes"))
            .toList();
    fuzz.mutations(golden, MultiformatsFuzzTest::varint);
    Fuzz.allowing(BufferUnderflowException.class)
        .refusesCuts(golden, cut -> Varint.get(ByteBuffer.wrap(cut)));
  }

  @Test
  void multihash() {
    Fuzz.Decoder decoder =
        input -> assertThat(Multihash.fromBytes(input).toBytes()).isEqualTo(input);
    fuzz.mutations(bytes("multihash"), decoder);
    fuzz.refusesCuts(bytes("multihash"), decoder);
  }

  @Test
  void cidBytes() {
    Fuzz.Decoder decoder = input -> assertThat(Cid.fromBytes(input).toBytes()).isEqualTo(input);
    fuzz.mutations(bytes("cidV1RawBytes"), decoder);
    fuzz.refusesCuts(bytes("cidV1RawBytes"), decoder);
    fuzz.refusesCuts(List.of(bytes("multihash").getFirst()), decoder);
  }

  @Test
  void cidText() {
    for (String form : List.of("cidV1RawBase32", "cidV1RawBase36", "cidV1RawBase58btc")) {
      fuzz.textMutations(
          hashes().stream().map(v -> Vectors.text(v, form)).toList(),
          text -> {
            Cid cid = Cid.parse(text);
            assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
          });
    }
  }

  @Test
  void multibase() {
    List<byte[]> golden = bytes("multihash");
    fuzz.textMutations(
        Arrays.stream(Multibase.values())
            .flatMap(base -> golden.stream().map(base::encode))
            .toList(),
        Multibase::decode);
  }

  @Test
  void multiaddrBytes() {
    Fuzz.Decoder decoder =
        input -> {
          Multiaddr address = Multiaddr.fromBytes(input);
          assertThat(address.toBytes()).isEqualTo(input);
          assertThat(address.toString()).startsWith("/");
          assertThat(PeerId.of(address).isPresent()).isEqualTo(address.p2p().isPresent());
          assertThat(address.tcpAddress().isPresent()).isIn(true, false);
        };
    fuzz.mutations(addresses(), decoder);
    fuzz.cuts(addresses(), decoder);
  }

  @Test
  void multiaddrText() {
    List<String> golden =
        Vectors.all("multiaddr.json", "valid").map(v -> Vectors.text(v, "text")).toList();
    Fuzz.TextDecoder decoder =
        text -> {
          Multiaddr address = Multiaddr.parse(text);
          assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address);
          assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
        };
    fuzz.textMutations(golden, decoder);
    for (String text : golden) {
      fuzz.cuts(
          List.of(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
          cut -> decoder.decode(new String(cut, java.nio.charset.StandardCharsets.US_ASCII)));
    }
  }
}
