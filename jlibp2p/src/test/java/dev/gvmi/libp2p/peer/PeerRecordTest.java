package dev.gvmi.libp2p.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class PeerRecordTest {
  private final JsonNode vector = read("signed-peer-record");

  @Test
  void opensTheRecordOfAnotherImplementation() {
    PeerRecord record = PeerRecord.open(hex("envelope"));
    assertThat(record.sequence()).isEqualTo(1_700_000_000_000L);
    assertThat(record.addresses())
        .map(Object::toString)
        .containsExactly("/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1");
    assertThat(SignedEnvelope.open(hex("envelope"), "libp2p-peer-record").toBytes())
        .isEqualTo(hex("envelope"));
  }

  @Test
  void rejectsEveryTruncationAndAnotherDomain() {
    byte[] bytes = hex("envelope");
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(cut));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignedEnvelope.open(bytes, "libp2p-relay-rsvp"));
  }

  @Test
  void rejectsAChangedByteOfTheSignature() {
    byte[] bytes = hex("envelope");
    bytes[bytes.length - 1] ^= 1;
    assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(bytes));
  }

  private byte[] hex(String field) {
    return HexFormat.of().parseHex(vector.get(field).asString());
  }

  private static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            PeerRecordTest.class.getResourceAsStream("/vectors/" + name + ".json"))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
