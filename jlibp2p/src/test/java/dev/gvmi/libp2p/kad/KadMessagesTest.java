package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.TestPeers;
import dev.gvmi.libp2p.proto.KadMessage;
import dev.gvmi.libp2p.proto.KadMessageType;
import dev.gvmi.libp2p.proto.KadPeerMessage;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class KadMessagesTest {
  private static final JsonNode VECTORS = Vectors.read("kad.json");
  private static final JsonNode MESSAGES = VECTORS.required("messages");
  private final TestPeers peers = new TestPeers(2);

  private static byte[] golden(String name) {
    return Vectors.hex(MESSAGES, name);
  }

  private static KadKey providerKey() {
    return KadKey.fromBytes(Vectors.hex(VECTORS, "providerKeyMultihash"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PING", "FIND_NODE", "GET_PROVIDERS", "ADD_PROVIDER", "GET_VALUE"})
  void requestsAreThoseOfOtherImplementations(String name) throws Exception {
    KadRequest request = KadMessages.decodeRequest(golden(name));
    assertThat(KadMessages.encode(request)).isEqualTo(golden(name));
  }

  @Test
  void readsRequests() throws Exception {
    assertThat(KadMessages.decodeRequest(golden("PING"))).isEqualTo(new KadRequest.Ping());
    assertThat(KadMessages.decodeRequest(golden("PUT_VALUE"))).isEqualTo(new KadRequest.PutValue());
    assertThat(KadMessages.decodeRequest(golden("GET_VALUE")))
        .isEqualTo(
            new KadRequest.GetValue(
                KadKey.fromBytes("/gvmi/k".getBytes(StandardCharsets.US_ASCII))));
    assertThat(KadMessages.decodeRequest(golden("GET_PROVIDERS")))
        .isEqualTo(new KadRequest.GetProviders(providerKey()));
    KadRequest.AddProvider add =
        (KadRequest.AddProvider) KadMessages.decodeRequest(golden("ADD_PROVIDER"));
    assertThat(add.key()).isEqualTo(providerKey());
    assertThat(add.providers()).hasSize(1);
    assertThat(add.providers().getFirst().addresses())
        .map(Object::toString)
        .containsExactly("/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1");
  }

  @Test
  void readsAnswers() throws Exception {
    KadRequest request = new KadRequest.GetProviders(providerKey());
    KadAnswer answer = KadMessages.decodeAnswer(request, golden("GET_PROVIDERS_RESPONSE"));
    assertThat(answer.closer()).isEmpty();
    assertThat(answer.providers()).hasSize(1);
    assertThat(KadMessages.decodeAnswer(request, KadMessages.encodeAnswer(request, answer)))
        .isEqualTo(answer);
  }

  @Test
  void takesDefaultsThatAreWrittenOut() throws Exception {
    // js-libp2p writes connection = 0, go-libp2p does not.
    byte[] written = golden("GET_PROVIDERS_RESPONSE");
    written[written.length - 1] = 0;
    KadRequest request = new KadRequest.GetProviders(providerKey());
    assertThat(KadMessages.decodeAnswer(request, written).providers()).hasSize(1);
  }

  @Test
  void refusesAnAnswerToAnotherRequest() {
    KadRequest request = new KadRequest.FindNode(providerKey());
    assertThatThrownBy(() -> KadMessages.decodeAnswer(request, golden("GET_PROVIDERS_RESPONSE")))
        .isInstanceOf(ProtocolException.class);
  }

  private static KadMessage.Builder findNode(int keyBytes) {
    return KadMessage.newBuilder()
        .setType(KadMessageType.FIND_NODE)
        .setKey(ByteString.copyFrom(new byte[keyBytes]));
  }

  @Test
  void refusesKeysThatAreMissingOrTooLong() throws Exception {
    KadMessages.decodeRequest(findNode(80).build().toByteArray());
    for (int bytes : new int[] {0, 81}) {
      assertThatThrownBy(() -> KadMessages.decodeRequest(findNode(bytes).build().toByteArray()))
          .isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void refusesUnknownTypes() {
    byte[] unknown = KadMessage.newBuilder().setTypeValue(6).build().toByteArray();
    assertThatThrownBy(() -> KadMessages.decodeRequest(unknown))
        .isInstanceOf(ProtocolException.class);
  }

  private static KadPeerMessage.Builder message(KadPeer peer) {
    KadPeerMessage.Builder message =
        KadPeerMessage.newBuilder().setId(ByteString.copyFrom(peer.id().toBytes()));
    peer.addresses().forEach(a -> message.addAddrs(ByteString.copyFrom(a.toBytes())));
    return message;
  }

  @Test
  void leavesOutWhatItCannotRead() throws Exception {
    KadPeer good = peers.peer();
    KadMessage message =
        findNode(32)
            .addCloserPeers(KadPeerMessage.newBuilder().setId(ByteString.copyFromUtf8("no id")))
            .addCloserPeers(message(good).addAddrs(ByteString.copyFromUtf8("no address")))
            .build();
    KadRequest request = new KadRequest.FindNode(KadKey.fromBytes(new byte[32]));
    assertThat(KadMessages.decodeAnswer(request, message.toByteArray()).closer())
        .containsExactly(good);
  }

  @Test
  void keepsSoManyPeersAndAddresses() throws Exception {
    KadMessage.Builder message = findNode(32);
    peers.peers(41).forEach(peer -> message.addCloserPeers(message(peer)));
    peers.peers(129).forEach(peer -> message.addProviderPeers(message(peer)));
    KadRequest request = new KadRequest.FindNode(KadKey.fromBytes(new byte[32]));
    KadAnswer answer = KadMessages.decodeAnswer(request, message.build().toByteArray());
    assertThat(answer.closer()).hasSize(40);
    assertThat(answer.providers()).hasSize(128);

    KadPeer many =
        peers.at(
            IntStream.rangeClosed(1, 17)
                .mapToObj(i -> "/ip4/8.8.8.8/tcp/" + i)
                .toArray(String[]::new));
    assertThat(many.addresses()).hasSize(KadPeer.MAX_ADDRESSES);
  }

  @Test
  void sendsNoMoreThanOthersTake() throws Exception {
    String[] long8 =
        IntStream.rangeClosed(1, 8)
            .mapToObj(i -> "/ip4/8.8.8.8/tcp/" + i + "/sni/" + "a".repeat(100))
            .toArray(String[]::new);
    List<KadPeer> big = IntStream.range(0, 40).mapToObj(i -> peers.at(long8)).toList();
    KadRequest request = new KadRequest.GetProviders(peers.key());
    byte[] sent =
        KadMessages.encodeAnswer(request, new KadAnswer(big.subList(20, 40), big.subList(0, 10)));
    assertThat(sent).hasSizeBetween(14_000, KadMessages.MAX_SENT_BYTES);
    KadAnswer received = KadMessages.decodeAnswer(request, sent);
    assertThat(received.providers()).isEqualTo(big.subList(0, 10));
    assertThat(received.closer()).isEqualTo(big.subList(20, 20 + received.closer().size()));
    byte[] crowded = KadMessages.encodeAnswer(request, new KadAnswer(big.subList(20, 40), big));
    assertThat(KadMessages.decodeAnswer(request, crowded).closer()).hasSizeGreaterThan(2);
    byte[] flood = KadMessages.encodeAnswer(request, new KadAnswer(List.of(), big));
    assertThat(flood).hasSizeLessThanOrEqualTo(KadMessages.MAX_SENT_BYTES);
  }
}
