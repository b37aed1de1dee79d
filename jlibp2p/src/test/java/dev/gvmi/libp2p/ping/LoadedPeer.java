package dev.gvmi.libp2p.ping;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of the two processes of {@link PingUnderLoadIT}. Both end when their standard input does.
 *
 * <pre>
 *   send LISTEN                 prints its address; sends zeros to whoever opens a stream
 *   ping ADDRESS STREAMS PINGS  prints "idle" and microseconds for each ping before there are streams,
 *                               "full" and microseconds for each beside them, "rate" and their bytes per second
 * </pre>
 */
final class LoadedPeer {
  private static final ProtocolId ZEROS = new ProtocolId("/test/zeros/1.0.0");
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int PIECE = 64 << 10;

  /**
   * What the link has to carry, over and above the windows at the start, before the pings begin.
   */
  private static final long WARM_UP_BYTES = 2L << 20;

  private LoadedPeer() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("send")) {
      send(args[1]);
    } else {
      ping(Multiaddr.parse(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    }
  }

  private static Host host(String... listen) throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses = Arrays.stream(listen).map(Multiaddr::parse).toList();
    Host host = Libp2pHost.create(new HostConfig(key, addresses, "test/1", HostLimits.DEFAULT));
    host.handle(ZEROS, LoadedPeer::sendZeros);
    host.start();
    return host;
  }

  private static void send(String listen) throws IOException {
    try (Host host = host(listen)) {
      System.out.println(host.listenAddresses().getFirst().withP2p(host.id().multihash()));
      while (System.in.read() >= 0) {
        // until whoever started this process is done
      }
    }
  }

  private static void sendZeros(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    while (true) {
      stream.write(piece.clear());
    }
  }

  private static void ping(Multiaddr address, int streams, int pings) throws Exception {
    try (Host host = host()) {
      PeerId peer = host.dial(address, LIMIT);
      ping(host, peer, pings, "idle");
      AtomicLong received = new AtomicLong();
      CountDownLatch warm = new CountDownLatch(1);
      for (int i = 0; i < streams; i++) {
        Stream stream = host.newStream(peer, LIMIT, ZEROS);
        Thread.ofVirtual().start(() -> receive(stream, received, warm));
      }
      warm.await();
      long before = received.get();
      long start = System.nanoTime();
      ping(host, peer, pings, "full");
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.println("rate " + Math.round((received.get() - before) / seconds));
    }
  }

  private static void ping(Host host, PeerId peer, int pings, String when) throws IOException {
    for (int i = 0; i < pings; i++) {
      System.out.println(when + " " + Ping.measure(host, peer, LIMIT).toNanos() / 1_000);
    }
  }

  private static void receive(Stream stream, AtomicLong received, CountDownLatch warm) {
    ByteBuffer buffer = ByteBuffer.allocate(PIECE);
    try {
      stream.timeout(LIMIT);
      stream.flush();
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer.clear())) {
        if (received.addAndGet(count) > WARM_UP_BYTES) {
          warm.countDown();
        }
      }
    } catch (IOException e) {
      warm.countDown();
    }
  }
}
