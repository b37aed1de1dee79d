package dev.gvmi.bench;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.SecurityChoice;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One stream between two processes on loopback: MB/s, and CPU seconds per GiB on each side.
 *
 * <pre>
 *   StreamThroughput serve                 prints its address, sends zeros to whoever asks
 *   StreamThroughput get ADDRESS GIB RUNS  receives GIB over one stream, RUNS times
 * </pre>
 *
 * {@code bench/stream.sh} runs both.
 */
public final class StreamThroughput {
  private static final ProtocolId PROTOCOL = new ProtocolId("/bench/source/1.0.0");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int PIECE = 256 << 10;

  private StreamThroughput() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("serve")) {
      serve();
    } else {
      get(Multiaddr.parse(args[1]), Long.parseLong(args[2]) << 30, Integer.parseInt(args[3]));
    }
  }

  private static Host host(String... listen) throws IOException {
    List<Multiaddr> addresses = java.util.Arrays.stream(listen).map(Multiaddr::parse).toList();
    Host host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()),
                addresses,
                "bench",
                HostLimits.DEFAULT,
                security()));
    host.start();
    return host;
  }

  /** Whether {@code -Dsecurity} names QUIC, which has a TLS of its own. */
  private static boolean isQuic() {
    return System.getProperty("security", "tls").equals("quic");
  }

  /** TLS, or what {@code -Dsecurity} names; the dialler's choice counts. */
  private static List<SecurityChoice> security() {
    if (isQuic()) {
      return List.of(SecurityChoice.TLS);
    }
    SecurityChoice first =
        SecurityChoice.valueOf(System.getProperty("security", "tls").toUpperCase(Locale.ROOT));
    return first == SecurityChoice.TLS
        ? List.of(SecurityChoice.TLS, SecurityChoice.NOISE)
        : List.of(SecurityChoice.NOISE, SecurityChoice.TLS);
  }

  private static void serve() throws Exception {
    try (Host host = host("/ip4/127.0.0.1/" + (isQuic() ? "udp/0/quic-v1" : "tcp/0"))) {
      host.handle(PROTOCOL, StreamThroughput::send);
      System.out.println(host.listenAddresses().getFirst().withP2p(host.id().multihash()));
      Thread.sleep(Duration.ofHours(1));
    }
  }

  private static void send(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer wanted = ByteBuffer.allocate(8);
    while (wanted.hasRemaining() && stream.read(wanted) >= 0) {
      // until all eight bytes are here
    }
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    double cpu = cpuSeconds();
    long bytes = wanted.getLong(0);
    for (long left = bytes; left > 0; left -= piece.limit()) {
      stream.write(piece.clear().limit((int) Math.min(PIECE, left)));
    }
    stream.flush();
    System.err.printf(
        Locale.ROOT, "sender: %.2f CPU s per GiB%n", (cpuSeconds() - cpu) * (1L << 30) / bytes);
  }

  private static void get(Multiaddr address, long bytes, int runs) throws Exception {
    try (Host host = host()) {
      PeerId peer = host.dial(address, LIMIT);
      for (int run = 0; run < runs; run++) {
        receive(host, peer, bytes);
      }
    }
  }

  private static void receive(Host host, PeerId peer, long bytes) throws IOException {
    double cpu = cpuSeconds();
    long start = System.nanoTime();
    try (Stream stream = host.newStream(peer, LIMIT, PROTOCOL)) {
      stream.timeout(LIMIT);
      stream.write(ByteBuffer.allocate(8).putLong(0, bytes));
      stream.flush();
      ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
      long received = 0;
      for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer.clear())) {
        received += n;
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%.0f MB/s, receiver: %.2f CPU s per GiB%s%n",
          received / seconds / 1e6,
          (cpuSeconds() - cpu) * (1L << 30) / received,
          received == bytes ? "" : "  ENDED EARLY");
    }
  }

  private static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }
}
