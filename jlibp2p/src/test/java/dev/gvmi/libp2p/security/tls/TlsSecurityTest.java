package dev.gvmi.libp2p.security.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.Secured;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ImmediateExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "BoringSSL: {0}")
@ValueSource(booleans = {false, true})
final class TlsSecurityTest {
  private final boolean isNative;
  private static final String YAMUX = "/yamux/1.0.0";
  private static final int RECORD_HANDSHAKE = 22;
  private final HostKey dialler = HostKey.generate(new SecureRandom());
  private final HostKey listener = HostKey.generate(new SecureRandom());
  private final Side client = new Side();
  private final Side server = new Side();

  TlsSecurityTest(boolean isNative) {
    assumeTrue(!isNative || NativeEngines.areThere(), "BoringSSL is not built for this machine");
    this.isNative = isNative;
  }

  /** One end: what came out of the pipeline's tail. */
  private static final class Side {
    final EmbeddedChannel channel = new EmbeddedChannel();
    final Tail tail = new Tail();
    int chunk = Integer.MAX_VALUE;
    byte[] firstSent = new byte[0];
    int sent;

    void start(io.netty.channel.ChannelHandler security) {
      channel.pipeline().addLast(security).addLast(tail);
    }

    private boolean sendTo(Side other) {
      ByteBuf out = channel.readOutbound();
      if (out == null) {
        return false;
      }
      if (sent == 0) {
        firstSent = io.netty.buffer.ByteBufUtil.getBytes(out);
      }
      sent += out.readableBytes();
      try {
        while (out.isReadable() && other.channel.isOpen()) {
          int count = Math.min(chunk, out.readableBytes());
          other.channel.writeInbound(out.readBytes(count));
        }
      } finally {
        out.release();
      }
      return true;
    }

    void write(byte[] data) {
      channel.writeOutbound(Unpooled.copiedBuffer(data));
    }
  }

  private static final class Tail extends ChannelInboundHandlerAdapter {
    @Nullable Secured secured;
    @Nullable Throwable failure;
    final ByteArrayOutputStream received = new ByteArrayOutputStream();

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Secured now) {
        assertThat(secured).isNull();
        assertThat(received.size()).isZero();
        secured = now;
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf data = (ByteBuf) message;
      received.writeBytes(io.netty.buffer.ByteBufUtil.getBytes(data));
      data.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = failure == null ? cause : failure;
    }
  }

  private TlsSecurity security(HostKey key, List<String> muxers) {
    return new TlsSecurity(
        key,
        muxers,
        new SecureRandom(),
        InstantSource.system(),
        ImmediateExecutor.INSTANCE,
        () -> isNative);
  }

  private void connect(
      List<String> clientMuxers, List<String> serverMuxers, @Nullable PeerId expected) {
    server.start(security(listener, serverMuxers).newHandler(false, null));
    client.start(security(dialler, clientMuxers).newHandler(true, expected));
    pump();
  }

  private void pump() {
    boolean more = true;
    while (more) {
      client.channel.runPendingTasks();
      server.channel.runPendingTasks();
      more = client.sendTo(server) | server.sendTo(client);
    }
  }

  @AfterEach
  void release() {
    client.channel.finishAndReleaseAll();
    server.channel.finishAndReleaseAll();
  }

  private void assertBothKnowTheOther(@Nullable String muxer) {
    assertThat(client.tail.secured)
        .isEqualTo(new Secured(listener.peerId(), listener.publicKey(), muxer));
    assertThat(server.tail.secured)
        .isEqualTo(new Secured(dialler.peerId(), dialler.publicKey(), muxer));
  }

  @Test
  void bothSidesLearnThePeerAndTheMuxer() {
    connect(List.of(YAMUX), List.of(YAMUX), listener.peerId());
    assertBothKnowTheOther(YAMUX);
  }

  /**
   * BoringSSL's engine knows the listener's order only; a host offers one muxer, so that none is
   * left to order.
   */
  @Test
  void oneSidesOrderOfMuxersCounts() {
    connect(List.of("/b", "/a"), List.of("/a", "/b"), null);
    assertBothKnowTheOther(isNative ? "/a" : "/b");
  }

  @Test
  void withoutACommonMuxerItIsLeftToNegotiation() {
    connect(List.of("/a"), List.of("/b"), null);
    assertBothKnowTheOther(null);
  }

  @Test
  void handshakeComesByteByByte() {
    client.chunk = 1;
    server.chunk = 1;
    connect(List.of(YAMUX), List.of(YAMUX), listener.peerId());
    assertBothKnowTheOther(YAMUX);
  }

  @Test
  void carriesBytesInOrderBothWays() {
    connect(List.of(YAMUX), List.of(YAMUX), listener.peerId());
    client.chunk = 1000;
    byte[] data = new byte[100_000];
    new Random(1).nextBytes(data);
    client.write(data);
    server.write(data);
    pump();
    assertThat(server.tail.received.toByteArray()).isEqualTo(data);
    assertThat(client.tail.received.toByteArray()).isEqualTo(data);
  }

  @Test
  void refusesAnotherPeerThanTheOneExpected() {
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    connect(List.of(YAMUX), List.of(YAMUX), other);
    assertThat(client.tail.secured).isNull();
    assertThat(client.tail.failure)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected peer " + other + ", got " + listener.peerId());
    assertThat(server.tail.secured).isNull();
    assertThat(server.tail.failure).isInstanceOf(IOException.class);
    assertThat(client.channel.isOpen()).isFalse();
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void theListenerRefusesADiallerWithoutCertificate() throws Exception {
    connectForeign("TLSv1.3");
    assertThat(server.tail.secured).isNull();
    assertThat(server.tail.failure).isInstanceOf(IOException.class);
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void refusesAnOlderVersion() throws Exception {
    connectForeign("TLSv1.2");
    assertThat(server.tail.failure)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(isNative ? "UNSUPPORTED_PROTOCOL" : "version");
  }

  private void connectForeign(String version) throws Exception {
    server.start(security(listener, List.of(YAMUX)).newHandler(false, null));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null, new TrustManager[] {new PeerTrust(null, InstantSource.system())}, new SecureRandom());
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    client.start(new SslHandler(engine, ImmediateExecutor.INSTANCE));
    pump();
  }

  @Test
  void gibberishEndsTheConnection() {
    server.start(security(listener, List.of(YAMUX)).newHandler(false, null));
    byte[] text = "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    server.channel.writeInbound(Unpooled.copiedBuffer(text));
    assertThat(server.tail.failure).isInstanceOf(IOException.class);
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void namesNoServer() {
    connect(List.of(YAMUX), List.of(YAMUX), listener.peerId());
    assertThat(client.firstSent[0]).isEqualTo((byte) RECORD_HANDSHAKE);
    assertThat(extensionsOfHello(client.firstSent)).contains(16, 43).doesNotContain(0, 41, 42);
  }

  /** The types of the extensions of a ClientHello in one record. */
  private static List<Integer> extensionsOfHello(byte[] record) {
    ByteBuf in = Unpooled.wrappedBuffer(record);
    in.skipBytes(5 + 4 + 2 + 32);
    in.skipBytes(in.readUnsignedByte());
    in.skipBytes(in.readUnsignedShort());
    in.skipBytes(in.readUnsignedByte());
    ByteBuf extensions = in.readSlice(in.readUnsignedShort());
    List<Integer> types = new java.util.ArrayList<>();
    while (extensions.isReadable()) {
      types.add(extensions.readUnsignedShort());
      extensions.skipBytes(extensions.readUnsignedShort());
    }
    return types;
  }

  /**
   * A ticket would come after the dialler's last message, and the listener has nothing else to say.
   */
  @Test
  void sendsNoTicket() {
    server.start(security(listener, List.of(YAMUX)).newHandler(false, null));
    client.start(security(dialler, List.of(YAMUX)).newHandler(true, null));
    while (client.tail.secured == null) {
      client.sendTo(server);
      server.sendTo(client);
    }
    int before = server.sent;
    pump();
    assertThat(server.tail.secured).isNotNull();
    assertThat(server.sent).isEqualTo(before);
  }
}
