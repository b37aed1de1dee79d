package dev.gvmi.libp2p.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.security.tls.ShownCertificate;
import dev.gvmi.libp2p.security.tls.TlsCertificate;
import dev.gvmi.libp2p.upgrade.Upgraded;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The transport: what all transports do, so far as its channels carry no bytes of their own; and
 * its handshakes.
 */
@Isolated("it waits until no thread of a transport is left")
@Timeout(60)
final class QuicTransportIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Multiaddr ANYWHERE = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");
  private static final InstantSource CLOCK = InstantSource.fixed(ShownCertificate.NOW);

  private final ExecutorService handshakes = Executors.newSingleThreadExecutor();
  private final List<QuicTransport> made = new ArrayList<>();
  private final BlockingQueue<CompletableFuture<Upgraded>> accepted = new LinkedBlockingQueue<>();
  private final BlockingQueue<Channel> channels = new LinkedBlockingQueue<>();
  private QuicTransport listener;
  private QuicTransport dialler;

  @BeforeEach
  void makeTwo() {
    assumeTrue(Quic.isAvailable(), "no native QUIC library for this machine");
    listener = transport(own());
    dialler = transport(own());
  }

  private static TlsCertificate own() {
    HostKey key = HostKey.generate(new SecureRandom());
    return TlsCertificate.issue(key, new SecureRandom(), ShownCertificate.NOW);
  }

  private QuicTransport transport(TlsCertificate shown) {
    QuicConfig config = QuicConfig.DEFAULT;
    QuicTransport transport =
        new QuicTransport(
            config,
            () ->
                new QuicSockets(
                    config,
                    new QuicTls(shown, CLOCK),
                    handshakes,
                    new RetryTokens(new SecureRandom(), CLOCK)),
            Optional::empty);
    made.add(transport);
    return transport;
  }

  @AfterEach
  void closeAllAndItsThreadsEnd() throws InterruptedException {
    made.forEach(QuicTransport::close);
    handshakes.shutdownNow();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("libp2p-quic")) {
        assertThat(thread.join(LIMIT)).as(thread.getName() + " has ended").isTrue();
      }
    }
  }

  private Multiaddr listen(QuicTransport transport) throws IOException {
    return transport.listen(
        ANYWHERE,
        channel -> {
          channels.add(channel);
          accepted.add(
              transport.upgrade().orElseThrow().upgrade(channel, false, null, stream -> {}));
        });
  }

  private static Upgraded dial(QuicTransport transport, Multiaddr address) throws Exception {
    return transport
        .dial(address, LIMIT)
        .thenCompose(
            channel -> transport.upgrade().orElseThrow().upgrade(channel, true, null, stream -> {}))
        .get(20, TimeUnit.SECONDS);
  }

  private Upgraded nextAccepted() throws Exception {
    CompletableFuture<Upgraded> next = accepted.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("accepted").isNotNull();
    return next.get(20, TimeUnit.SECONDS);
  }

  private static void assertFails(QuicTransport from, Multiaddr address, Duration limit) {
    assertThatThrownBy(() -> from.dial(address, limit).get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessageContaining(address.toString());
  }

  // ---- what all transports do ----

  @Test
  void tellsWhereItListensAndWhoConnects() throws Exception {
    Multiaddr address = listen(listener);
    assertThat(listener.handles(address)).isTrue();
    assertThat(listener.handles(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"))).isFalse();
    assertThat(address).isNotEqualTo(ANYWHERE);
    Channel here = dialler.dial(address, LIMIT).get(20, TimeUnit.SECONDS);
    assertThat(dialler.remoteAddress(here)).isEqualTo(address);
    nextAccepted();
    Channel there = channels.remove();
    Multiaddr remote = listener.remoteAddress(there);
    assertThat(listener.handles(remote)).isTrue();
    here.close();
    assertThat(there.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(listener.remoteAddress(there)).as("after the end").isEqualTo(remote);
  }

  @Test
  void doesNotListenWhereAnotherDoes() throws Exception {
    Multiaddr taken = listen(listener);
    assertThatThrownBy(() -> dialler.listen(taken, channel -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken.toString());
  }

  @Test
  void aDialToNobodyFailsWithTheAddress() throws Exception {
    int unused;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      unused = free.getLocalPort();
    }
    assertFails(dialler, Multiaddr.parse("/ip4/127.0.0.1/udp/" + unused + "/quic-v1"), LIMIT);
  }

  @Test
  void aDialThatIsNotAnsweredFailsInTimeOrIsCancelled() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Multiaddr address = Multiaddr.ofQuic((InetSocketAddress) silent.getLocalSocketAddress());
      CompletableFuture<Channel> cancelled = dialler.dial(address, LIMIT);
      assertFails(dialler, address, Duration.ofMillis(100));
      assertThat(cancelled).isNotDone();
      cancelled.cancel(false);
    }
  }

  @Test
  void aCancelledDialLeavesNoConnection() throws Exception {
    CompletableFuture<Channel> dialling = dialler.dial(listen(listener), LIMIT);
    dialling.cancel(false);
    Channel there = channels.poll(300, TimeUnit.MILLISECONDS);
    if (there != null) {
      there.close();
      assertThat(there.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void theSocketOfADialIsClosedWithItsConnection() throws Exception {
    Channel here = dialler.dial(listen(listener), LIMIT).get(20, TimeUnit.SECONDS);
    Channel socket = here.parent();
    assertThat(socket.isOpen()).isTrue();
    here.close();
    assertThat(socket.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stopListeningLeavesConnectionsAlive() throws Exception {
    Multiaddr address = listen(listener);
    Upgraded here = dial(dialler, address);
    Upgraded there = nextAccepted();
    listener.stopListening();
    assertFails(dialler, address, Duration.ofMillis(500));
    assertThat(here.connection().closed().toCompletableFuture()).isNotDone();
    here.connection().open().write(java.nio.ByteBuffer.allocate(1));
    here.connection().close();
    there.connection().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void closeEndsConnectionsOfBothKindsAndTwiceIsOnce() throws Exception {
    Upgraded here = dial(dialler, listen(listener));
    Upgraded there = nextAccepted();
    listener.close();
    listener.close();
    there.connection().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    here.connection().closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertFails(listener, ANYWHERE, LIMIT);
  }

  @Test
  void withoutTheLibraryItSaysSo() {
    QuicTransport none =
        new QuicTransport(
            QuicConfig.DEFAULT,
            () -> {
              throw new AssertionError("nothing native may be touched");
            },
            () -> Optional.of("no library here"));
    assertThat(none.unavailable()).contains("no library here");
    assertThat(none.handles(ANYWHERE)).isTrue();
    assertThatThrownBy(() -> none.dial(ANYWHERE, LIMIT).get())
        .hasRootCauseMessage("QUIC cannot be had on this machine: no library here");
    assertThatThrownBy(() -> none.listen(ANYWHERE, channel -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(ANYWHERE.toString(), "no library here");
    none.close();
  }

  // ---- handshakes ----

  static Stream<ShownCertificate> good() {
    return ShownCertificate.good();
  }

  static Stream<ShownCertificate> bad() {
    return ShownCertificate.bad();
  }

  @ParameterizedTest
  @MethodSource("good")
  void bothSidesLearnWhoTheOtherIs(ShownCertificate shown) throws Exception {
    Upgraded ofDialler = dial(transport(shown.certificate()), listen(listener));
    assertThat(nextAccepted().peer()).isEqualTo(shown.peer());
    assertThat(ofDialler.security()).isEqualTo("/quic-v1 tls");
    assertThat(dial(dialler, listen(transport(shown.certificate()))).peer())
        .isEqualTo(shown.peer());
  }

  @ParameterizedTest
  @MethodSource("bad")
  void theDiallerRefusesABadCertificate(ShownCertificate shown) throws Exception {
    Multiaddr address = listen(transport(shown.certificate()));
    assertThatThrownBy(() -> dial(dialler, address)).hasStackTraceContaining("CERTIFICATE");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void theListenerRefusesABadCertificateAndListensOn(ShownCertificate shown) throws Exception {
    Multiaddr address = listen(listener);
    QuicTransport liar = transport(shown.certificate());
    liar.dial(address, LIMIT).handle((channel, failure) -> true).get(20, TimeUnit.SECONDS);
    assertThatThrownBy(this::nextAccepted).isInstanceOf(ExecutionException.class);
    dial(dialler, address);
    nextAccepted();
  }

  @Test
  void theListenerRefusesADiallerWithoutCertificate() throws Exception {
    connectForeign("libp2p");
    assertThatThrownBy(this::nextAccepted).isInstanceOf(ExecutionException.class);
  }

  @Test
  void theListenerRefusesAnotherProtocol() throws Exception {
    assertThat(connectForeign("h3")).isFalse();
    assertThatThrownBy(this::nextAccepted).isInstanceOf(ExecutionException.class);
  }

  /** Dials as somebody who is no peer; true if that somebody took it for a connection. */
  private boolean connectForeign(String protocol) throws Exception {
    InetSocketAddress address = listen(listener).quicAddress().orElseThrow();
    QuicSslContext tls =
        QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols(protocol)
            .build();
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Channel socket =
          new Bootstrap()
              .group(loop)
              .channel(NioDatagramChannel.class)
              .handler(
                  new QuicClientCodecBuilder()
                      .sslContext(tls)
                      .maxIdleTimeout(2, TimeUnit.SECONDS)
                      .build())
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      return QuicChannel.newBootstrap(socket)
          .handler(new ChannelInboundHandlerAdapter())
          .streamHandler(new ChannelInboundHandlerAdapter())
          .remoteAddress(address)
          .connect()
          .await()
          .isSuccess();
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
