package dev.gvmi.libp2p.security.noise;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Carries the handshake, then encrypts and decrypts.
 *
 * <p><b>Shape:</b> frames of two bytes length (big-endian) and that many bytes of one Noise
 * message, at most 65,535.
 *
 * <p>Inbound bytes are copied once, into the frame that is decrypted into a pooled buffer; outbound
 * bytes once, from the caller's buffer into the array that the cipher reads. The JDK's cipher wants
 * heap arrays.
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
final class NoiseHandler extends ChannelDuplexHandler {
  static final int MAX_FRAME = 65_535;
  static final int MAX_PLAINTEXT = MAX_FRAME - CipherState.TAG;
  private static final int LENGTH_BYTES = 2;
  private static final byte[] NO_DATA = new byte[0];

  /**
   * Plaintext on its way into the cipher: used within one call only, so one per event loop will do.
   */
  private static final FastThreadLocal<byte[]> PLAINTEXT =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[MAX_PLAINTEXT];
        }
      };

  private final NoiseUpgrade upgrade;
  private @Nullable NoiseTransport transport;
  private byte[] frame = new byte[1024];
  private int have;
  private int need = LENGTH_BYTES;
  private boolean inLength = true;
  private boolean started;
  private boolean failed;

  NoiseHandler(NoiseUpgrade upgrade) {
    this.upgrade = upgrade;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    start(ctx);
    super.channelActive(ctx);
  }

  private void start(ChannelHandlerContext ctx) {
    if (started) {
      return;
    }
    started = true;
    try {
      sendHandshake(ctx);
    } catch (NoiseException e) {
      fail(ctx, e);
    }
  }

  private void sendHandshake(ChannelHandlerContext ctx) throws NoiseException {
    byte[] message = upgrade.next();
    if (message != null) {
      ByteBuf out = ctx.alloc().buffer(LENGTH_BYTES + message.length);
      ctx.writeAndFlush(out.writeShort(message.length).writeBytes(message), ctx.voidPromise());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (!(message instanceof ByteBuf in)) {
      super.channelRead(ctx, message);
      return;
    }
    try {
      while (in.isReadable() && !failed) {
        take(ctx, in);
      }
    } catch (NoiseException e) {
      fail(ctx, e);
    } finally {
      in.release();
    }
  }

  private void take(ChannelHandlerContext ctx, ByteBuf in) throws NoiseException {
    int count = Math.min(in.readableBytes(), need - have);
    in.readBytes(frame, have, count);
    have += count;
    if (have < need) {
      return;
    }
    have = 0;
    if (inLength) {
      need = (frame[0] & 0xff) << 8 | (frame[1] & 0xff);
      if (need == 0 || (transport != null && need < CipherState.TAG)) {
        throw new NoiseException("noise: frame of " + need + " bytes");
      }
      if (frame.length < need) {
        frame = new byte[transport == null ? need : MAX_FRAME];
      }
      inLength = false;
      return;
    }
    int length = need;
    need = LENGTH_BYTES;
    inLength = true;
    received(ctx, length);
  }

  private void received(ChannelHandlerContext ctx, int length) throws NoiseException {
    NoiseTransport ciphers = transport;
    if (ciphers != null) {
      ByteBuf plain = ctx.alloc().heapBuffer(length);
      try {
        int size =
            ciphers.receiver().open(NO_DATA, frame, length, plain.array(), plain.arrayOffset());
        plain.writerIndex(size);
      } catch (NoiseException e) {
        plain.release();
        throw e;
      }
      ctx.fireChannelRead(plain);
      return;
    }
    upgrade.receive(java.util.Arrays.copyOf(frame, length));
    sendHandshake(ctx);
    if (upgrade.isDone()) {
      transport = upgrade.transport();
      ctx.fireUserEventTriggered(upgrade.secured());
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    if (!(message instanceof ByteBuf plain)) {
      super.write(ctx, message, promise);
      return;
    }
    NoiseTransport ciphers = transport;
    try {
      if (ciphers == null || failed) {
        promise.tryFailure(new NoiseException("noise: nothing can be sent now"));
        return;
      }
      ctx.write(encrypt(ctx, ciphers.sender(), plain), promise);
    } catch (NoiseException e) {
      promise.tryFailure(e);
      fail(ctx, e);
    } finally {
      ReferenceCountUtil.release(plain);
    }
  }

  private static ByteBuf encrypt(ChannelHandlerContext ctx, CipherState sender, ByteBuf plain)
      throws NoiseException {
    int frames = (plain.readableBytes() + MAX_PLAINTEXT - 1) / MAX_PLAINTEXT;
    int overhead = frames * (LENGTH_BYTES + CipherState.TAG);
    ByteBuf out = ctx.alloc().heapBuffer(plain.readableBytes() + overhead);
    byte[] scratch = PLAINTEXT.get();
    try {
      while (plain.isReadable()) {
        int count = Math.min(plain.readableBytes(), MAX_PLAINTEXT);
        plain.readBytes(scratch, 0, count);
        out.writeShort(count + CipherState.TAG);
        int size =
            sender.seal(
                NO_DATA, scratch, count, out.array(), out.arrayOffset() + out.writerIndex());
        out.writerIndex(out.writerIndex() + size);
      }
      return out;
    } catch (NoiseException e) {
      out.release();
      throw e;
    }
  }

  private void fail(ChannelHandlerContext ctx, NoiseException reason) {
    if (!failed) {
      failed = true;
      ctx.fireExceptionCaught(reason);
      ctx.close();
    }
  }
}
