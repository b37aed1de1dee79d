package dev.gvmi.libp2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("TcpTransportIT waits until no thread of a transport is left")
final class EpollSocketsIT {
  private static final int NOT_SPREAD = -1;

  @Test
  void theKernelSpreadsWhatItSendsOnALongWayOnly() throws Exception {
    assumeTrue(EpollSockets.available(), "not Linux, or its native library is missing");
    try (TcpTransport transport = new TcpTransport()) {
      Multiaddr at =
          transport.listen(
              Multiaddr.ofTcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
              accepted -> accepted.config().setAutoRead(true));
      EpollSocketChannel near =
          (EpollSocketChannel) transport.dial(at, Duration.ofSeconds(10)).get(10, TimeUnit.SECONDS);
      assertThat(near.config().getOption(SocketPacer.MAX_PACING_RATE)).isEqualTo(NOT_SPREAD);

      EpollSockets.pace(near, EpollSockets.LONG_ROUND_TRIP_MICROS - 1);
      assertThat(near.config().getOption(SocketPacer.MAX_PACING_RATE)).isEqualTo(NOT_SPREAD);

      EpollSockets.pace(near, EpollSockets.LONG_ROUND_TRIP_MICROS);
      assertThat(near.config().getOption(SocketPacer.MAX_PACING_RATE)).isEqualTo(PacingLimit.NONE);

      near.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000])).sync();
      await().until(() -> SocketPacer.acknowledgedBytes(near) >= 100_000);
    }
  }
}
