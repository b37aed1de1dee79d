package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import java.net.ProtocolException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class KadMessagesFuzzTest {
  private static final JsonNode MESSAGES = Vectors.read("kad.json").required("messages");
  private static final List<byte[]> GOLDEN =
      Stream.of(
              "PING",
              "FIND_NODE",
              "GET_PROVIDERS",
              "ADD_PROVIDER",
              "GET_VALUE",
              "PUT_VALUE",
              "GET_PROVIDERS_RESPONSE")
          .map(name -> Vectors.hex(MESSAGES, name))
          .toList();
  private static final KadRequest ASKED =
      new KadRequest.GetProviders(
          KadKey.fromBytes(Vectors.hex(Vectors.read("kad.json"), "providerKeyMultihash")));
  private static final Fuzz FUZZ = Fuzz.allowing(ProtocolException.class);

  private static void decodeRequest(byte[] bytes) throws ProtocolException {
    KadRequest request = KadMessages.decodeRequest(bytes);
    assertThat(KadMessages.decodeRequest(KadMessages.encode(request))).isEqualTo(request);
  }

  private static void decodeAnswer(byte[] bytes) throws ProtocolException {
    KadAnswer answer = KadMessages.decodeAnswer(ASKED, bytes);
    assertThat(KadMessages.decodeAnswer(ASKED, KadMessages.encodeAnswer(ASKED, answer)))
        .isEqualTo(answer);
  }

  @Test
  void requests() {
    FUZZ.cuts(GOLDEN, KadMessagesFuzzTest::decodeRequest);
    FUZZ.mutations(GOLDEN, KadMessagesFuzzTest::decodeRequest);
  }

  @Test
  void answers() {
    FUZZ.cuts(GOLDEN, KadMessagesFuzzTest::decodeAnswer);
    FUZZ.mutations(GOLDEN, KadMessagesFuzzTest::decodeAnswer);
  }
}
