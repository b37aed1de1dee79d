package dev.gvmi.libp2p.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.ConnectionContract;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.upgrade.Upgraded;
import io.netty.handler.codec.quic.Quic;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The streams of a QUIC connection, beside what all connections do. */
final class QuicConnectionIT extends ConnectionContract {
  private final ExecutorService handshakes = Executors.newSingleThreadExecutor();
  private final QuicTransport from = transport(MOST_OF_DIALLER);
  private final QuicTransport to = transport(MOST_OF_LISTENER);

  @BeforeAll
  static void needsTheLibrary() {
    assumeTrue(Quic.isAvailable(), "no native QUIC library for this machine");
  }

  private QuicTransport transport(int maxStreams) {
    return new QuicTransport(
        HostKey.generate(new SecureRandom()),
        QuicConfig.DEFAULT
            .withMaxStreams(maxStreams)
            .withWindows(1 << 20, 15 << 20)
            .withKeepalive(Duration.ofMillis(500), Duration.ofSeconds(2)),
        new SecureRandom(),
        InstantSource.system(),
        handshakes);
  }

  @Override
  protected void connect(Side dialler, Side listener) throws Exception {
    Multiaddr address =
        to.listen(
            Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1"),
            channel ->
                to.upgrade()
                    .orElseThrow()
                    .upgrade(channel, false, null, listener.accepted::add)
                    .thenApply(Upgraded::connection)
                    .thenAccept(listener.attached::complete));
    from.dial(address, LIMIT)
        .thenCompose(channel ->
            from.upgrade().orElseThrow().upgrade(channel, true, null, dialler.accepted::add))
        .thenApply(Upgraded::connection)
        .thenAccept(dialler.attached::complete)
        .get(20, TimeUnit.SECONDS);
  }

  @Override
  protected void lose() {
    to.close();
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
    handshakes.shutdownNow();
  }

  @Test
  void aStreamOverTheLimitOfThePeerWaitsForOneThatEnds() throws Exception {
    ByteStream first = dialler.open();
    for (int i = 1; i < MOST_OF_LISTENER; i++) {
      write(dialler.open(), bytes(1, i));
    }
    write(first, bytes(1, 0));
    ByteStream over = dialler.open();
    write(over, bytes(3, 1));
    over.timeout(Duration.ofMillis(300));
    Assertions.assertThatThrownBy(() -> read(over, 1)).isInstanceOf(SocketTimeoutException.class);
    for (int i = 0; i < MOST_OF_LISTENER; i++) {
      ByteStream accepted = listener.accept();
      read(accepted, 1);
      accepted.reset(0);
    }
    assertThat(read(listener.accept(), 3)).isEqualTo(bytes(3, 1));
  }

  /**
   * By chance it stops while a write waits, between two, or when all that was written is
   * acknowledged.
   */
  @RepeatedTest(5)
  void aPeerThatStopsReadingMakesWritesFailAndCanStillBeRead() throws Exception {
    ByteStream opened = dialler.open();
    write(opened, bytes(1, 1));
    ByteStream accepted = listener.accept();
    write(accepted, bytes(10, 2));
    accepted.close();
    opened.timeout(LIMIT);
    assertThat(read(opened, 11)).isEqualTo(bytes(10, 2));
    Assertions.assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                write(opened, bytes(100_000, i));
              }
            })
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  /** Longer than the time after which a silent connection is over. */
  @Test
  void anIdleConnectionIsKeptAlive() throws Exception {
    ByteStream stream = dialler.open();
    write(stream, bytes(1, 1));
    ByteStream accepted = listener.accept();
    stream.timeout(Duration.ofSeconds(5));
    Assertions.assertThatThrownBy(() -> read(stream, 1)).isInstanceOf(SocketTimeoutException.class);
    write(accepted, bytes(1, 3));
    assertThat(read(stream, 1)).isEqualTo(bytes(1, 3));
  }
}
