package dev.gvmi.libp2p.multiformats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is read is written again as it was: there is one form of each value. */
final class MultiformatsFuzzTest {
  /** Digits are not checked to be the only ones that mean these bytes. */
  private static final Set<Multibase> LENIENT = EnumSet.of(Multibase.BASE64, Multibase.BASE64_URL);

  /** Longer ones have more digits than a positional base takes. */
  private static final int MOST_POSITIONAL_BYTES = 256;

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

  private static void readVarint(byte[] input) {
    ByteBuffer in = ByteBuffer.wrap(input);
    try {
      long value = Varint.get(in);
      assertThat(Varint.encode(value)).isEqualTo(Arrays.copyOf(input, in.position()));
    } catch (BufferUnderflowException cut) {
      assertThat(in.hasRemaining()).isFalse();
    }
  }

  @FuzzTest
  void varint(byte[] input) {
    fuzz.input(input, MultiformatsFuzzTest::readVarint);
  }

  @Test
  void mutatedVarints() {
    List<byte[]> golden =
        Vectors.read("multiformats.json")
            .required("unsignedVarint")
            .required("valid")
            .valueStream()
            .map(v -> Vectors.hex(v, "bytes"))
            .toList();
    fuzz.mutations(golden, MultiformatsFuzzTest::readVarint);
    Fuzz.allowing(BufferUnderflowException.class)
        .refusesCuts(golden, cut -> Varint.get(ByteBuffer.wrap(cut)));
  }

  private static void readMultihash(byte[] input) {
    Multihash hash = Multihash.fromBytes(input);
    assertThat(hash.toBytes()).isEqualTo(input);
    assertThat(Multihash.of(hash.code(), hash.digest())).isEqualTo(hash);
  }

  @FuzzTest
  void multihash(byte[] input) {
    fuzz.input(input, MultiformatsFuzzTest::readMultihash);
  }

  @Test
  void mutatedMultihashes() {
    fuzz.mutations(bytes("multihash"), MultiformatsFuzzTest::readMultihash);
    fuzz.refusesCuts(bytes("multihash"), MultiformatsFuzzTest::readMultihash);
  }

  private static void readCid(byte[] input) {
    Cid cid = Cid.fromBytes(input);
    assertThat(cid.toBytes()).isEqualTo(input);
    assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
    if (cid.version() == 1) {
      for (Multibase base : Multibase.values()) {
        assertThat(Cid.parse(cid.toString(base))).isEqualTo(cid);
      }
    }
  }

  @FuzzTest
  void cidBytes(byte[] input) {
    fuzz.input(input, MultiformatsFuzzTest::readCid);
  }

  @Test
  void mutatedCids() {
    fuzz.mutations(bytes("cidV1RawBytes"), MultiformatsFuzzTest::readCid);
    fuzz.refusesCuts(bytes("cidV1RawBytes"), MultiformatsFuzzTest::readCid);
    fuzz.refusesCuts(List.of(bytes("multihash").getFirst()), MultiformatsFuzzTest::readCid);
  }

  private static void readCid(String text) {
    Cid cid = Cid.parse(text);
    assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
    assertThat(Cid.fromBytes(cid.toBytes())).isEqualTo(cid);
  }

  @FuzzTest
  void cidText(byte[] input) {
    fuzz.text(input, MultiformatsFuzzTest::readCid);
  }

  @Test
  void mutatedCidTexts() {
    for (String form : List.of("cidV1RawBase32", "cidV1RawBase36", "cidV1RawBase58btc")) {
      fuzz.textMutations(
          hashes().stream().map(v -> Vectors.text(v, form)).toList(),
          MultiformatsFuzzTest::readCid);
    }
  }

  private static void readMultibase(String text) {
    byte[] bytes = Multibase.decode(text);
    assertThat(text).matches("\\p{ASCII}*");
    assertThat(bytes).hasSizeLessThan(text.length());
    for (Multibase base : Multibase.values()) {
      if (bytes.length <= MOST_POSITIONAL_BYTES) {
        String encoded = base.encode(bytes);
        assertThat(Multibase.decode(encoded)).isEqualTo(bytes);
        if (encoded.charAt(0) == text.charAt(0) && !LENIENT.contains(base)) {
          assertThat(text).isEqualToIgnoringCase(encoded);
        }
      }
    }
  }

  @FuzzTest
  void multibase(byte[] input) {
    fuzz.text(input, MultiformatsFuzzTest::readMultibase);
  }

  @Test
  void mutatedMultibases() {
    List<byte[]> golden = bytes("multihash");
    fuzz.textMutations(
        Arrays.stream(Multibase.values())
            .flatMap(base -> golden.stream().map(base::encode))
            .toList(),
        MultiformatsFuzzTest::readMultibase);
  }

  /** Text and bytes of an address stand for each other, and the text is fit for a line. */
  private static void check(Multiaddr address) {
    assertThat(address.toBytes()).hasSizeLessThanOrEqualTo(Multiaddr.MAX_BYTES);
    assertThat(address.protocols()).hasSizeLessThanOrEqualTo(Multiaddr.MAX_PARTS);
    assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address);
    assertThat(address.toString()).startsWith("/").doesNotContainPattern("\\p{Cc}");
    assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
    assertThat(PeerId.of(address).isPresent()).isEqualTo(address.p2p().isPresent());
    address.tcpAddress().ifPresent(tcp -> assertThat(Multiaddr.ofTcp(tcp).protocols()).hasSize(2));
    assertThat(address.withoutP2p().withoutP2p().toBytes())
        .hasSizeLessThanOrEqualTo(address.toBytes().length);
  }

  private static void readAddress(byte[] input) {
    Multiaddr address = Multiaddr.fromBytes(input);
    assertThat(address.toBytes()).isEqualTo(input);
    check(address);
  }

  @FuzzTest
  void multiaddrBytes(byte[] input) {
    fuzz.input(input, MultiformatsFuzzTest::readAddress);
  }

  @Test
  void mutatedAddresses() {
    fuzz.mutations(addresses(), MultiformatsFuzzTest::readAddress);
    fuzz.cuts(addresses(), MultiformatsFuzzTest::readAddress);
  }

  private static void readAddress(String text) {
    try {
      check(Multiaddr.parse(text));
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cc}").hasSizeLessThan(1000);
      throw e;
    }
  }

  @FuzzTest
  void multiaddrText(byte[] input) {
    fuzz.text(input, MultiformatsFuzzTest::readAddress);
  }

  @Test
  void mutatedAddressTexts() {
    List<String> golden =
        Vectors.all("multiaddr.json", "valid").map(v -> Vectors.text(v, "text")).toList();
    fuzz.textMutations(golden, MultiformatsFuzzTest::readAddress);
    for (String text : golden) {
      fuzz.cuts(List.of(text.getBytes(US_ASCII)), cut -> readAddress(new String(cut, US_ASCII)));
    }
  }
}
