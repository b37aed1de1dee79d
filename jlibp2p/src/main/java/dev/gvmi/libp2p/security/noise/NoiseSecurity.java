package dev.gvmi.libp2p.security.noise;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.SecurityProtocol;
import io.netty.channel.ChannelHandler;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Noise XX over X25519, ChaCha20-Poly1305 and SHA-256, with libp2p's identity payload.
 *
 * <p><b>Source:</b> libp2p noise specification; Noise protocol framework, revision 34.
 */
public final class NoiseSecurity implements SecurityProtocol {
  private final HostKey key;
  private final List<String> muxers;
  private final SecureRandom random;

  /**
   * Security for a host.
   *
   * @param muxers offered inside the handshake, in order of preference; empty leaves the choice to
   *     multistream-select
   */
  public NoiseSecurity(HostKey key, List<String> muxers, SecureRandom random) {
    this.key = key;
    this.muxers = List.copyOf(muxers);
    this.random = random;
  }

  @Override
  public String id() {
    return "/noise";
  }

  @Override
  public ChannelHandler newHandler(boolean initiator, @Nullable PeerId expected) {
    try {
      return new NoiseHandler(
          new NoiseUpgrade(
              initiator, key, muxers, expected, X25519.generate(random), X25519.generate(random)));
    } catch (NoiseException e) {
      throw new IllegalStateException("this Java lacks a cipher that Noise needs", e);
    }
  }
}
