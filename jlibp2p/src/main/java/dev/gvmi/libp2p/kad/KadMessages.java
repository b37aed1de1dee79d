package dev.gvmi.libp2p.kad;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.proto.KadMessage;
import dev.gvmi.libp2p.proto.KadMessageType;
import dev.gvmi.libp2p.proto.KadPeerMessage;
import java.net.ProtocolException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The messages of Kademlia as bytes, without their length prefix.
 *
 * <p><b>Shape:</b> one protobuf message for requests and answers; an answer repeats the type of its
 * request.
 *
 * <p><b>Errors:</b> {@link ProtocolException} for what is malformed. Peers and addresses that
 * cannot be read are left out, and of lists that are too long the rest: other implementations tell
 * of what is unknown here.
 *
 * <p><b>Source:</b> libp2p kad-dht specification, RPC messages.
 */
final class KadMessages {
  static final int MAX_REQUEST_BYTES = 64 << 10;

  /** Other implementations hold back no provider of a popular key. */
  static final int MAX_ANSWER_BYTES = 256 << 10;

  /** What others take at least. */
  static final int MAX_SENT_BYTES = 16 << 10;

  /**
   * Of what is sent, so much at least is for closer peers: fat providers must not cut an asker off
   * from the network.
   */
  private static final int FOR_CLOSER_BYTES = 4 << 10;

  private static final int MAX_CLOSER = 40;
  private static final int MAX_PROVIDERS = 128;
  private static final int MAX_ADDRESSES_READ = 64;
  private static final int FIELD_OVERHEAD_BYTES = 4;

  private KadMessages() {}

  static byte[] encode(KadRequest request) {
    KadMessage.Builder message = KadMessage.newBuilder().setType(type(request));
    key(request).ifPresent(key -> message.setKey(ByteString.copyFrom(key.toBytes())));
    if (request instanceof KadRequest.AddProvider add) {
      add.providers().forEach(peer -> message.addProviderPeers(peer(peer)));
    }
    return message.build().toByteArray();
  }

  private static KadMessageType type(KadRequest request) {
    return switch (request) {
      case KadRequest.Ping _ -> KadMessageType.PING;
      case KadRequest.FindNode _ -> KadMessageType.FIND_NODE;
      case KadRequest.GetProviders _ -> KadMessageType.GET_PROVIDERS;
      case KadRequest.AddProvider _ -> KadMessageType.ADD_PROVIDER;
      case KadRequest.GetValue _ -> KadMessageType.GET_VALUE;
      case KadRequest.PutValue _ -> KadMessageType.PUT_VALUE;
    };
  }

  private static Optional<KadKey> key(KadRequest request) {
    return switch (request) {
      case KadRequest.Ping _ -> Optional.empty();
      case KadRequest.FindNode(KadKey key) -> Optional.of(key);
      case KadRequest.GetProviders(KadKey key) -> Optional.of(key);
      case KadRequest.AddProvider(KadKey key, _) -> Optional.of(key);
      case KadRequest.GetValue(KadKey key) -> Optional.of(key);
      case KadRequest.PutValue _ -> Optional.empty();
    };
  }

  static KadRequest decodeRequest(byte[] bytes) throws ProtocolException {
    KadMessage message = parse(bytes);
    return switch (message.getType()) {
      case PING -> new KadRequest.Ping();
      case FIND_NODE -> new KadRequest.FindNode(key(message));
      case GET_PROVIDERS -> new KadRequest.GetProviders(key(message));
      case ADD_PROVIDER ->
          new KadRequest.AddProvider(
              key(message), peers(message.getProviderPeersList(), MAX_PROVIDERS));
      case GET_VALUE -> new KadRequest.GetValue(key(message));
      case PUT_VALUE -> new KadRequest.PutValue();
      case UNRECOGNIZED ->
          throw new ProtocolException("unknown kad message " + message.getTypeValue());
    };
  }

  /**
   * Of more than fits into {@value #MAX_SENT_BYTES} bytes, the farthest peers are left out, and the
   * last providers.
   */
  static byte[] encodeAnswer(KadRequest request, KadAnswer answer) {
    KadMessage.Builder message = KadMessage.newBuilder().setType(type(request));
    key(request).ifPresent(key -> message.setKey(ByteString.copyFrom(key.toBytes())));
    int left = MAX_SENT_BYTES - message.build().getSerializedSize();
    int kept = answer.closer().isEmpty() ? 0 : FOR_CLOSER_BYTES;
    left = kept + addWhileTheyFit(answer.providers(), left - kept, message::addProviderPeers);
    addWhileTheyFit(answer.closer(), left, message::addCloserPeers);
    return message.build().toByteArray();
  }

  /** Returns how many bytes are left. */
  private static int addWhileTheyFit(List<KadPeer> peers, int bytes, Consumer<KadPeerMessage> add) {
    int left = bytes;
    for (KadPeer each : peers) {
      KadPeerMessage peer = peer(each);
      int size = peer.getSerializedSize() + FIELD_OVERHEAD_BYTES;
      if (size > left) {
        return left;
      }
      left -= size;
      add.accept(peer);
    }
    return left;
  }

  /** Reads what came as the answer to {@code request}. */
  static KadAnswer decodeAnswer(KadRequest request, byte[] bytes) throws ProtocolException {
    KadMessage message = parse(bytes);
    if (message.getType() != type(request)) {
      throw new ProtocolException(
          "kad message " + type(request) + " answered with " + message.getTypeValue());
    }
    return new KadAnswer(
        peers(message.getCloserPeersList(), MAX_CLOSER),
        peers(message.getProviderPeersList(), MAX_PROVIDERS));
  }

  private static KadMessage parse(byte[] bytes) throws ProtocolException {
    try {
      return KadMessage.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw malformed("malformed kad message: " + e.getMessage(), e);
    }
  }

  private static KadKey key(KadMessage message) throws ProtocolException {
    try {
      return KadKey.fromBytes(message.getKey().toByteArray());
    } catch (IllegalArgumentException e) {
      throw malformed("kad message: " + e.getMessage(), e);
    }
  }

  private static ProtocolException malformed(String text, Exception cause) {
    ProtocolException exception = new ProtocolException(text);
    exception.initCause(cause);
    return exception;
  }

  private static List<KadPeer> peers(List<KadPeerMessage> peers, int most) {
    return peers.stream().limit(most).flatMap(peer -> peer(peer).stream()).toList();
  }

  private static Optional<KadPeer> peer(KadPeerMessage peer) {
    try {
      PeerId id = PeerId.fromBytes(peer.getId().toByteArray());
      List<Multiaddr> addresses =
          peer.getAddrsList().stream()
              .limit(MAX_ADDRESSES_READ)
              .flatMap(bytes -> Multiaddr.tryFromBytes(bytes.toByteArray()).stream())
              .toList();
      return Optional.of(KadPeer.of(id, addresses));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static KadPeerMessage peer(KadPeer peer) {
    KadPeerMessage.Builder message =
        KadPeerMessage.newBuilder().setId(ByteString.copyFrom(peer.id().toBytes()));
    peer.addresses().forEach(address -> message.addAddrs(ByteString.copyFrom(address.toBytes())));
    return message.build();
  }
}
