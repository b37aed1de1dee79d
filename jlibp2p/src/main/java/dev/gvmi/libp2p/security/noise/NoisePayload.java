package dev.gvmi.libp2p.security.noise;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.proto.NoiseExtensions;
import dev.gvmi.libp2p.proto.NoiseHandshakePayload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each side proves and offers inside the handshake: its identity, bound to its Noise key, and
 * its muxers.
 */
record NoisePayload(PublicKey key, List<String> muxers) {
  private static final byte[] DOMAIN =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_MUXERS = 32;

  static byte[] encode(HostKey key, byte[] noiseStatic, List<String> muxers) {
    NoiseHandshakePayload.Builder payload =
        NoiseHandshakePayload.newBuilder()
            .setIdentityKey(ByteString.copyFrom(key.publicKey().toProtobuf()))
            .setIdentitySig(ByteString.copyFrom(key.sign(X25519.join(DOMAIN, noiseStatic))));
    if (!muxers.isEmpty()) {
      payload.setExtensions(NoiseExtensions.newBuilder().addAllStreamMuxers(muxers));
    }
    return payload.build().toByteArray();
  }

  /** Parses and checks the signature, and the peer if one is expected. */
  static NoisePayload decode(byte[] bytes, byte[] noiseStatic, @Nullable PeerId expected)
      throws NoiseException {
    NoiseHandshakePayload payload;
    PublicKey key;
    try {
      payload = NoiseHandshakePayload.parseFrom(bytes);
      key = PublicKey.fromProtobuf(payload.getIdentityKey().toByteArray());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new NoiseException("noise: malformed handshake payload", e);
    }
    if (!key.verify(X25519.join(DOMAIN, noiseStatic), payload.getIdentitySig().toByteArray())) {
      throw new NoiseException("noise: the peer's identity signature is wrong");
    }
    PeerId peer = PeerId.of(key);
    if (expected != null && !peer.equals(expected)) {
      throw new NoiseException("noise: expected peer " + expected + ", got " + peer);
    }
    List<String> muxers = payload.getExtensions().getStreamMuxersList();
    if (muxers.size() > MAX_MUXERS) {
      throw new NoiseException("noise: " + muxers.size() + " muxers offered");
    }
    return new NoisePayload(key, List.copyOf(muxers));
  }

  /**
   * The first muxer of the initiator that the responder has too; null when one of them offers none,
   * so that multistream-select must follow.
   */
  static @Nullable String agree(List<String> initiator, List<String> responder)
      throws NoiseException {
    if (initiator.isEmpty() || responder.isEmpty()) {
      return null;
    }
    return initiator.stream()
        .filter(responder::contains)
        .findFirst()
        .orElseThrow(
            () -> new NoiseException("noise: no common muxer in " + initiator + ", " + responder));
  }
}
