package dev.gvmi.libp2p;

import static org.assertj.core.api.Assertions.fail;

import dev.gvmi.libp2p.multiformats.Cid;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multibase;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Inputs that are nearly right: a decoder takes them, or throws IllegalArgumentException, and nothing else. */
final class DecodersFuzzTest {
  private static final int ROUNDS = 20_000;

  private static void fuzz(List<byte[]> seeds, Consumer<byte[]> decoder) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] input = Vectors.mutated(seeds.get(random.nextInt(seeds.size())), random);
      try {
        decoder.accept(input);
      } catch (IllegalArgumentException expected) {
        continue;
      } catch (RuntimeException e) {
        fail("seed " + seed + ", input " + HexFormat.of().formatHex(input), e);
      }
    }
  }

  private static void fuzzText(List<String> seeds, Consumer<String> decoder) {
    fuzz(
        seeds.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList(),
        bytes -> decoder.accept(new String(bytes, StandardCharsets.UTF_8)));
  }

  private static List<byte[]> bytes(String file, String list, String field) {
    return Vectors.all(file, list).map(v -> Vectors.hex(v, field)).toList();
  }

  private static List<String> texts(String file, String list, String field) {
    return Vectors.all(file, list).map(v -> Vectors.text(v, field)).toList();
  }

  @Test
  void multiaddrBytes() {
    fuzz(bytes("multiaddr.json", "valid", "bytes"), Multiaddr::fromBytes);
  }

  @Test
  void multiaddrText() {
    fuzzText(texts("multiaddr.json", "valid", "text"), Multiaddr::parse);
  }

  @Test
  void multihash() {
    fuzz(bytes("multiformats.json", "multihashAndCid", "multihash"), Multihash::fromBytes);
  }

  @Test
  void cidBytes() {
    fuzz(bytes("multiformats.json", "multihashAndCid", "cidV1RawBytes"), Cid::fromBytes);
  }

  @Test
  void cidText() {
    fuzzText(texts("multiformats.json", "multihashAndCid", "cidV1RawBase36"), Cid::parse);
    fuzzText(texts("multiformats.json", "multihashAndCid", "cidV1RawBase32"), Multibase::decode);
  }

  @Test
  void peerId() {
    fuzzText(texts("peer-ids.json", "textForms", "text"), PeerId::parse);
    fuzz(bytes("peer-ids.json", "keys", "peerIdMultihash"), PeerId::fromBytes);
  }

  @Test
  void keys() {
    fuzz(bytes("peer-ids.json", "keys", "publicKeyProtobuf"), PublicKey::fromProtobuf);
    fuzz(bytes("peer-ids.json", "keys", "privateKeyProtobuf"), HostKey::fromProtobuf);
  }
}
