package dev.gvmi.libp2p.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.gvmi.libp2p.Capture;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.ScriptedStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Varint;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PeerRecord;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.peer.SignedEnvelope;
import dev.gvmi.libp2p.proto.IdentifyMessage;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdentifyMessagesTest {
  private static final Multiaddr REMOTE = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");

  private static PeerInfo unknown(PeerId id) {
    return new PeerInfo(id, REMOTE, false, null, List.of(), Set.of());
  }

  private static PeerInfo captured(boolean dialler, byte[] message) throws IOException {
    return received(message, PeerId.parse(Capture.peer(dialler))).peer();
  }

  private static IdentifyMessages.Told received(byte[] message, PeerId from) throws IOException {
    return IdentifyMessages.receive(ScriptedStream.of(message), unknown(from), 0);
  }

  private static byte[] sent(HostKey key, List<Multiaddr> addresses, int protocols)
      throws IOException {
    Set<ProtocolId> names =
        IntStream.range(0, protocols)
            .mapToObj(i -> new ProtocolId("/protocol/" + i + "/1.0.0"))
            .collect(Collectors.toSet());
    ScriptedStream out = ScriptedStream.of(new byte[0]);
    SignedEnvelope record = new PeerRecord(key.peerId(), 7, addresses).sign(key);
    IdentifyMessages.send(
        out, new IdentifyMessages.Self(key.publicKey(), "agent/1", addresses, names, record));
    assertThat(out.isEnded()).isTrue();
    return out.written();
  }

  private static byte[] prefixed(byte[] message) {
    return ByteBuffer.allocate(Varint.size(message.length) + message.length)
        .put(Varint.encode(message.length))
        .put(message)
        .array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsWhatAnotherImplementationTells(boolean dialler) throws IOException {
    byte[] message = Capture.identify(dialler);
    PeerInfo info = captured(dialler, message);
    assertThat(info.agent()).isEqualTo("gvmi-vector/1");
    assertThat(info.protocols())
        .extracting(ProtocolId::text)
        .containsExactlyInAnyOrder("/gvmi/kad/1.0.0", "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0");
    assertThat(info.listenAddresses())
        .extracting(Multiaddr::toString)
        .containsExactly("/ip4/127.0.0.1/tcp/" + (dialler ? 36137 : 43299));
    assertThat(
            IdentifyMessages.receive(ScriptedStream.byteByByte(message), unknown(info.id()), 0)
                .peer())
        .isEqualTo(info);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theOtherFieldsOfThatMessageAreReadableToo(boolean dialler) throws IOException {
    byte[] prefixed = Capture.identify(dialler);
    IdentifyMessage message =
        IdentifyMessage.parseFrom(Arrays.copyOfRange(prefixed, 2, prefixed.length));
    PeerId peer = PeerId.parse(Capture.peer(dialler));
    assertThat(PeerId.of(PublicKey.fromProtobuf(message.getPublicKey().toByteArray())))
        .isEqualTo(peer);
    assertThat(message.getProtocolVersion()).isEqualTo("ipfs/0.1.0");
    assertThat(Multiaddr.fromBytes(message.getObservedAddr().toByteArray()).p2p())
        .hasValue(PeerId.parse(Capture.peer(!dialler)).multihash());
    PeerRecord record = PeerRecord.open(message.getSignedPeerRecord().toByteArray());
    assertThat(record.peer()).isEqualTo(peer);
    assertThat(record.addresses()).isEqualTo(captured(dialler, prefixed).listenAddresses());
  }

  @Test
  void readsWhatItWrites() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses = List.of(REMOTE, Multiaddr.parse("/ip6/::1/tcp/2"));
    IdentifyMessages.Told told = received(sent(key, addresses, 1), key.peerId());
    assertThat(told.peer())
        .isEqualTo(
            new PeerInfo(
                key.peerId(),
                REMOTE,
                false,
                "agent/1",
                addresses,
                Set.of(new ProtocolId("/protocol/0/1.0.0"))));
    assertThat(told.sequence()).isEqualTo(7);
    assertThat(told.observed()).isEqualTo(ScriptedStream.of(new byte[0]).remoteAddress());
  }

  @Test
  void tellsWhereAnotherImplementationSeesUsWithoutThePeer() throws IOException {
    IdentifyMessages.Told told = received(Capture.identify(true), PeerId.parse(Capture.peer(true)));
    assertThat(told.observed()).isNotNull();
    assertThat(told.observed().p2p()).isEmpty();
    assertThat(told.sequence()).isPositive();
  }

  @Test
  void sendsNoMessageThatIsTooLongForOthers() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses =
        IntStream.rangeClosed(1, 100)
            .mapToObj(port -> Multiaddr.parse("/ip6/2600::1/tcp/" + port))
            .toList();
    byte[] sent = sent(key, addresses.subList(0, 32), 120);
    assertThat(sent).hasSizeGreaterThan(4 << 10);
    ByteBuffer in = ByteBuffer.wrap(sent);
    int messages = 0;
    while (in.hasRemaining()) {
      int length = (int) Varint.get(in);
      assertThat(length).isLessThanOrEqualTo(4 << 10);
      in.position(in.position() + length);
      messages++;
    }
    assertThat(messages).isEqualTo(2);
    PeerInfo told = received(sent, key.peerId()).peer();
    assertThat(told.listenAddresses()).isEqualTo(addresses.subList(0, 32));
    assertThat(told.protocols()).hasSize(120);
  }

  @Test
  void tellsNoMoreThan32Addresses() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses =
        IntStream.rangeClosed(1, 33)
            .mapToObj(port -> Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port))
            .toList();
    byte[] sent = sent(key, addresses, 0);
    assertThat(
            IdentifyMessage.parseFrom(Arrays.copyOfRange(sent, 2, sent.length))
                .getListenAddrsCount())
        .isEqualTo(32);
  }

  private static byte[] withRecord(SignedEnvelope record) {
    return prefixed(
        IdentifyMessage.newBuilder()
            .addListenAddrs(ByteString.copyFrom(REMOTE.toBytes()))
            .setSignedPeerRecord(ByteString.copyFrom(record.toBytes()))
            .build()
            .toByteArray());
  }

  @Test
  void prefersWhatThePeerHasSigned() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    Multiaddr signed = Multiaddr.parse("/ip4/192.0.2.7/tcp/7");
    byte[] message = withRecord(new PeerRecord(key.peerId(), 3, List.of(signed)).sign(key));
    assertThat(received(message, key.peerId()).peer().listenAddresses()).containsExactly(signed);
    IdentifyMessages.Told later =
        IdentifyMessages.receive(ScriptedStream.of(message), unknown(key.peerId()), 4);
    assertThat(later.peer().listenAddresses()).isEmpty();
    assertThat(later.sequence()).isEqualTo(4);
  }

  @Test
  void passesOverARecordThatAnotherHasSigned() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    HostKey other = HostKey.generate(new SecureRandom());
    byte[] message = withRecord(new PeerRecord(other.peerId(), 3, List.of()).sign(other));
    IdentifyMessages.Told told = received(message, key.peerId());
    assertThat(told.peer().listenAddresses()).containsExactly(REMOTE);
    assertThat(told.sequence()).isZero();
  }

  @Test
  void mergesSeveralMessagesAndKeepsWhatIsLeftOut() throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    PeerInfo known = new PeerInfo(key.peerId(), REMOTE, true, "old", List.of(REMOTE), Set.of());
    byte[] first =
        prefixed(IdentifyMessage.newBuilder().addProtocols("/a/1").build().toByteArray());
    byte[] second =
        prefixed(
            IdentifyMessage.newBuilder()
                .addProtocols("/b/1")
                .addProtocols("no slash")
                .build()
                .toByteArray());
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    PeerInfo info = IdentifyMessages.receive(ScriptedStream.of(both), known, 0).peer();
    assertThat(info.agent()).isEqualTo("old");
    assertThat(info.listenAddresses()).containsExactly(REMOTE);
    assertThat(info.protocols())
        .containsExactlyInAnyOrder(new ProtocolId("/a/1"), new ProtocolId("/b/1"));
  }

  @Test
  void leavesOutAddressesOfUnknownProtocolsAndOfNoPeer() throws IOException {
    byte[] message =
        IdentifyMessage.newBuilder()
            .addListenAddrs(ByteString.copyFrom(new byte[] {-1, 127}))
            .addListenAddrs(ByteString.copyFrom(REMOTE.toBytes()))
            .build()
            .toByteArray();
    assertThat(captured(true, prefixed(message)).listenAddresses()).containsExactly(REMOTE);
  }

  @Test
  void refusesTheKeyOfAnotherPeer() {
    assertThatThrownBy(() -> captured(false, Capture.identify(true)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("another key");
  }

  @Test
  void refusesMoreThanEightKibibytes() throws IOException {
    int overhead = 3;
    byte[] longest =
        IdentifyMessage.newBuilder()
            .setAgentVersion("a".repeat((8 << 10) - overhead))
            .build()
            .toByteArray();
    assertThat(longest).hasSize(8 << 10);
    assertThat(captured(true, prefixed(longest)).agent()).isEqualTo("a".repeat(128));
    byte[] longer = prefixed(new byte[(8 << 10) + 1]);
    assertThatThrownBy(() -> captured(true, longer)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void anAgentIsPrintable() throws IOException {
    byte[] message =
        IdentifyMessage.newBuilder().setAgentVersion("a\n\u001b[2Jä").build().toByteArray();
    assertThat(captured(true, prefixed(message)).agent()).isEqualTo("a??[2J?");
  }

  @Test
  void cutMessagesEndTooEarly() {
    Fuzz.allowing(EOFException.class)
        .refusesCuts(List.of(Capture.identify(true)), cut -> captured(true, cut));
  }

  @Test
  void mutatedMessagesAreReadOrRefused() {
    Fuzz.allowing(IOException.class)
        .mutations(List.of(Capture.identify(true)), input -> captured(true, input));
  }

  /** Behind a length that is right. */
  @Test
  void mutatedContentsAreReadOrRefused() {
    byte[] whole = Capture.identify(true);
    Fuzz.allowing(ProtocolException.class)
        .mutations(
            List.of(Arrays.copyOfRange(whole, 2, whole.length)),
            input -> captured(true, prefixed(input)));
  }
}
