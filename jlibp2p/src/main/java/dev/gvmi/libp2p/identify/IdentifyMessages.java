package dev.gvmi.libp2p.identify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PeerRecord;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.peer.SignedEnvelope;
import dev.gvmi.libp2p.proto.IdentifyMessage;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The messages of identify and identify push: made from, and turned into, plain data.
 *
 * <p><b>Shape:</b> one or more length-prefixed protobuf messages that are merged, then the end of
 * the stream.
 *
 * <p><b>Source:</b> libp2p identify specification.
 */
public final class IdentifyMessages {
  public static final ProtocolId PROTOCOL = new ProtocolId("/ipfs/id/1.0.0");
  public static final ProtocolId PUSH_PROTOCOL = new ProtocolId("/ipfs/id/push/1.0.0");

  private static final int MAX_BYTES = 8 << 10;
  private static final int MAX_MESSAGES = 10;
  private static final int MAX_PROTOCOLS = 1024;
  private static final int MAX_ADDRESSES = 500;

  /** rust-libp2p reads no longer message. */
  private static final int MAX_SENT_BYTES = 4 << 10;

  /** No more addresses of ours are told. */
  public static final int MAX_OWN_ADDRESSES = 32;

  private static final String PROTOCOL_VERSION = "ipfs/0.1.0";

  private IdentifyMessages() {}

  /**
   * What a host tells of itself.
   *
   * @param record its addresses again, signed; sent in a message of its own if one would be too
   *     long
   */
  public record Self(
      PublicKey key,
      String agent,
      List<Multiaddr> addresses,
      Collection<ProtocolId> protocols,
      SignedEnvelope record) {}

  /**
   * What a peer has told.
   *
   * @param sequence of its latest signed record; 0 if it has never sent one
   * @param record that record, as it came; null if this message has none that is newer
   * @param observed where it sees us; null if it does not say
   */
  public record Told(
      PeerInfo peer, long sequence, @Nullable ByteBuffer record, @Nullable Multiaddr observed) {}

  /** Writes what we tell and ends the writing side. */
  public static void send(Stream stream, Self self) throws IOException {
    IdentifyMessage.Builder message =
        IdentifyMessage.newBuilder()
            .setProtocolVersion(PROTOCOL_VERSION)
            .setAgentVersion(self.agent())
            .setPublicKey(ByteString.copyFrom(self.key().toProtobuf()))
            .setObservedAddr(ByteString.copyFrom(stream.remoteAddress().toBytes()));
    self.addresses().stream()
        .limit(MAX_OWN_ADDRESSES)
        .forEach(address -> message.addListenAddrs(ByteString.copyFrom(address.toBytes())));
    self.protocols().stream().map(ProtocolId::text).sorted().forEach(message::addProtocols);
    ByteString record = ByteString.copyFrom(self.record().toBytes());
    byte[] whole = message.clone().setSignedPeerRecord(record).build().toByteArray();
    if (whole.length <= MAX_SENT_BYTES) {
      LengthPrefixed.write(stream, whole);
    } else {
      LengthPrefixed.write(stream, message.build().toByteArray());
      LengthPrefixed.write(
          stream, IdentifyMessage.newBuilder().setSignedPeerRecord(record).build().toByteArray());
    }
    stream.closeWrite();
  }

  /**
   * Reads what the peer tells of itself. What a message leaves out stays as it was in {@code
   * known}. Signed addresses are preferred; an older record than that of {@code sequence}, or one
   * that is not the peer's, is passed over.
   *
   * @throws ProtocolException if it is malformed, too long, or claims another key than the
   *     connection's
   */
  public static Told receive(Stream stream, PeerInfo known, long sequence) throws IOException {
    IdentifyMessage message = readAll(stream);
    Optional<PeerRecord> record = record(message, known.id());
    PeerInfo merged = merge(message, known);
    Multiaddr observed =
        Multiaddr.tryFromBytes(message.getObservedAddr().toByteArray())
            .map(Multiaddr::withoutP2p)
            .orElse(null);
    if (record.isEmpty()) {
      return new Told(merged, sequence, null, observed);
    }
    boolean isOld = Long.compareUnsigned(record.get().sequence(), sequence) < 0;
    List<Multiaddr> addresses =
        isOld
            ? known.listenAddresses()
            : record.get().addresses().stream().limit(MAX_ADDRESSES).toList();
    return new Told(
        new PeerInfo(
            known.id(),
            known.remoteAddress(),
            known.inbound(),
            merged.agent(),
            addresses,
            merged.protocols()),
        isOld ? sequence : record.get().sequence(),
        isOld ? null : message.getSignedPeerRecord().asReadOnlyByteBuffer(),
        observed);
  }

  /** Empty if there is none, or none that is the peer's. */
  private static Optional<PeerRecord> record(IdentifyMessage message, PeerId peer) {
    if (!message.hasSignedPeerRecord()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PeerRecord.open(message.getSignedPeerRecord().toByteArray()))
          .filter(record -> record.peer().equals(peer));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static IdentifyMessage readAll(Stream stream) throws IOException {
    IdentifyMessage.Builder merged = IdentifyMessage.newBuilder();
    int left = MAX_BYTES;
    for (int i = 0; i < MAX_MESSAGES; i++) {
      byte[] message;
      try {
        message = LengthPrefixed.read(stream, left);
      } catch (EOFException end) {
        if (i == 0) {
          throw end;
        }
        break;
      }
      left -= message.length;
      try {
        merged.mergeFrom(message);
      } catch (InvalidProtocolBufferException e) {
        ProtocolException malformed = new ProtocolException("malformed identify message");
        malformed.initCause(e);
        throw malformed;
      }
    }
    return merged.buildPartial();
  }

  private static PeerInfo merge(IdentifyMessage message, PeerInfo known) throws ProtocolException {
    if (message.hasPublicKey()) {
      checkKey(message.getPublicKey().toByteArray(), known.id());
    }
    List<Multiaddr> addresses =
        message.getListenAddrsCount() == 0
            ? known.listenAddresses()
            : message.getListenAddrsList().stream()
                .limit(MAX_ADDRESSES)
                .map(bytes -> Multiaddr.tryFromBytes(bytes.toByteArray()))
                .flatMap(Optional::stream)
                .toList();
    Set<ProtocolId> protocols =
        message.getProtocolsCount() == 0
            ? known.protocols()
            : message.getProtocolsList().stream()
                .limit(MAX_PROTOCOLS)
                .map(IdentifyMessages::protocol)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    String agent = message.hasAgentVersion() ? printable(message.getAgentVersion()) : known.agent();
    return new PeerInfo(
        known.id(), known.remoteAddress(), known.inbound(), agent, addresses, protocols);
  }

  private static void checkKey(byte[] key, PeerId expected) throws ProtocolException {
    try {
      if (!PeerId.of(PublicKey.fromProtobuf(key)).equals(expected)) {
        throw new ProtocolException("identify claims another key than the connection's");
      }
    } catch (IllegalArgumentException e) {
      ProtocolException malformed = new ProtocolException("identify has a malformed key");
      malformed.initCause(e);
      throw malformed;
    }
  }

  private static @Nullable ProtocolId protocol(String text) {
    try {
      return new ProtocolId(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String printable(String agent) {
    return agent.substring(0, Math.min(128, agent.length())).replaceAll("[^ -~]", "?");
  }
}
