package dev.gvmi.libp2p.security.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.proto.NoiseHandshakePayload;
import dev.gvmi.libp2p.security.PeerKey;
import dev.gvmi.libp2p.security.SecurityContract;
import dev.gvmi.libp2p.security.SecurityProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

final class NoiseSecurityTest extends SecurityContract {
  private static final SecureRandom RANDOM = new SecureRandom();

  @Override
  protected SecurityProtocol security(HostKey key, List<String> muxers) {
    return new NoiseSecurity(key, muxers, RANDOM);
  }

  @Override
  protected Optional<ChannelHandler> peer(boolean initiator, PeerKey key) {
    try {
      return Optional.of(new Peer(initiator, key));
    } catch (NoiseException e) {
      throw new AssertionError(e);
    }
  }

  /** Shakes hands, each message in a buffer of its own. */
  private static final class Peer extends ChannelInboundHandlerAdapter {
    private final PeerKey key;
    private final X25519.KeyPair local = X25519.generate(RANDOM);
    private final NoiseHandshake handshake;

    Peer(boolean initiator, PeerKey key) throws NoiseException {
      this.key = key;
      this.handshake = new NoiseHandshake(initiator, new byte[0], local, X25519.generate(RANDOM));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws NoiseException {
      write(ctx);
    }

    private void write(ChannelHandlerContext ctx) throws NoiseException {
      if (handshake.writes()) {
        byte[] message = handshake.write(handshake.step() == 0 ? new byte[0] : payload());
        ctx.writeAndFlush(ctx.alloc().buffer().writeShort(message.length).writeBytes(message));
      }
    }

    private byte[] payload() {
      byte[] domain = "noise-libp2p-static-key:".getBytes(US_ASCII);
      byte[] signature = key.sign(X25519.join(domain, local.point()));
      return NoiseHandshakePayload.newBuilder()
          .setIdentityKey(ByteString.copyFrom(key.publicKey().toProtobuf()))
          .setIdentitySig(ByteString.copyFrom(signature))
          .build()
          .toByteArray();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws NoiseException {
      ByteBuf in = (ByteBuf) message;
      byte[] bytes = new byte[in.readUnsignedShort()];
      in.readBytes(bytes);
      in.release();
      handshake.read(bytes);
      write(ctx);
    }
  }
}
