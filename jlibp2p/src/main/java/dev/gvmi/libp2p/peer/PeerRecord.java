package dev.gvmi.libp2p.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.proto.PeerRecordMessage;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses a peer vouches for; a higher sequence number replaces a lower one (unsigned).
 *
 * <p><b>Source:</b> libp2p specification, RFC 0003.
 */
public record PeerRecord(PeerId peer, long sequence, List<Multiaddr> addresses) {
  private static final String DOMAIN = "libp2p-peer-record";
  private static final byte[] TYPE = {3, 1};
  private static final int MAX_ADDRESSES = 256;

  public PeerRecord {
    addresses = List.copyOf(addresses);
  }

  /** Signed by the peer itself; {@link IllegalArgumentException} for another peer's key. */
  public SignedEnvelope sign(HostKey key) {
    if (!key.peerId().equals(peer)) {
      throw new IllegalArgumentException("record of " + peer + " is not for this key to sign");
    }
    PeerRecordMessage.Builder message =
        PeerRecordMessage.newBuilder()
            .setPeerId(ByteString.copyFrom(peer.toBytes()))
            .setSeq(sequence);
    for (Multiaddr address : addresses) {
      message.addAddresses(
          PeerRecordMessage.AddressInfo.newBuilder()
              .setMultiaddr(ByteString.copyFrom(address.toBytes())));
    }
    return SignedEnvelope.sign(key, DOMAIN, TYPE, message.build().toByteArray());
  }

  /**
   * Reads and verifies an envelope; addresses of unknown protocols are left out. {@link
   * IllegalArgumentException} if malformed, of another type or not signed by the peer it names.
   */
  public static PeerRecord open(byte[] envelope) {
    SignedEnvelope opened = SignedEnvelope.open(envelope, DOMAIN);
    if (!Arrays.equals(opened.payloadType(), TYPE)) {
      throw new IllegalArgumentException("envelope holds no peer record");
    }
    try {
      PeerRecordMessage message = PeerRecordMessage.parseFrom(opened.payload());
      PeerId peer = PeerId.fromBytes(message.getPeerId().toByteArray());
      if (!peer.equals(PeerId.of(opened.signer()))) {
        throw new IllegalArgumentException("peer record signed by another peer than " + peer);
      }
      if (message.getAddressesCount() > MAX_ADDRESSES) {
        throw new IllegalArgumentException(message.getAddressesCount() + " addresses");
      }
      List<Multiaddr> addresses =
          message.getAddressesList().stream()
              .flatMap(a -> Multiaddr.tryFromBytes(a.getMultiaddr().toByteArray()).stream())
              .toList();
      return new PeerRecord(peer, message.getSeq(), addresses);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed peer record", e);
    }
  }
}
