package dev.gvmi.libp2p.security.noise;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.Secured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The handshake as libp2p does it: Noise XX whose second and third message carry a {@link
 * NoisePayload}. Pure: messages in, messages out.
 */
final class NoiseUpgrade {
  private static final byte[] NOTHING = new byte[0];

  private final boolean initiator;
  private final HostKey key;
  private final List<String> muxers;
  private final @Nullable PeerId expected;
  private final X25519.KeyPair local;
  private final NoiseHandshake handshake;
  private @Nullable NoisePayload remote;

  NoiseUpgrade(
      boolean initiator,
      HostKey key,
      List<String> muxers,
      @Nullable PeerId expected,
      X25519.KeyPair local,
      X25519.KeyPair ephemeral)
      throws NoiseException {
    this.initiator = initiator;
    this.key = key;
    this.muxers = muxers;
    this.expected = expected;
    this.local = local;
    this.handshake = new NoiseHandshake(initiator, NOTHING, local, ephemeral);
  }

  /** The message to send now, or null if it is the peer's turn or all is said. */
  byte @Nullable [] next() throws NoiseException {
    if (!handshake.writes()) {
      return null;
    }
    return handshake.write(
        handshake.step() == 0 ? NOTHING : NoisePayload.encode(key, local.point(), muxers));
  }

  void receive(byte[] message) throws NoiseException {
    if (isDone() || handshake.writes()) {
      throw new NoiseException("noise: message out of turn");
    }
    boolean withIdentity = handshake.step() > 0;
    byte[] payload = handshake.read(message);
    if (withIdentity) {
      remote = NoisePayload.decode(payload, handshake.remoteStatic(), expected);
    }
  }

  boolean isDone() {
    return handshake.step() == 3;
  }

  /** Who the peer is, once all is said. */
  Secured secured() throws NoiseException {
    NoisePayload payload = Objects.requireNonNull(remote, "handshake is not done");
    String muxer =
        initiator
            ? NoisePayload.agree(muxers, payload.muxers())
            : NoisePayload.agree(payload.muxers(), muxers);
    return new Secured(PeerId.of(payload.key()), payload.key(), muxer);
  }

  NoiseTransport transport() throws NoiseException {
    return handshake.split();
  }
}
