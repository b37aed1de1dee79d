package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
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

  @FuzzTest
  void fuzzedRequests(byte[] input) {
    Fuzz.allowing(ProtocolException.class)
        .allocating(1 << 20)
        .input(input, KadMessagesFuzzTest::decodeRequest);
  }

  /** What is sent on is short, whatever came. */
  @FuzzTest
  void fuzzedAnswers(byte[] input) {
    Fuzz.allowing(ProtocolException.class)
        .allocating(1 << 20)
        .input(
            input,
            bytes -> {
              KadAnswer answer = KadMessages.decodeAnswer(ASKED, bytes);
              assertThat(answer.closer()).hasSizeLessThanOrEqualTo(40);
              assertThat(answer.providers()).hasSizeLessThanOrEqualTo(128);
              byte[] sent = KadMessages.encodeAnswer(ASKED, answer);
              assertThat(sent).hasSizeLessThanOrEqualTo(KadMessages.MAX_SENT_BYTES);
              KadAnswer told = KadMessages.decodeAnswer(ASKED, sent);
              assertThat(answer.providers()).startsWith(told.providers().toArray(KadPeer[]::new));
              assertThat(answer.closer()).startsWith(told.closer().toArray(KadPeer[]::new));
            });
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
