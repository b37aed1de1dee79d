package dev.gvmi.bench;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.SwarmServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Many seeders in one process, each a host of its own, all with the images of one data directory.
 *
 * <pre>
 *   Seeders DATA_DIR COUNT    prints an address in each line, then serves until it is ended
 * </pre>
 *
 * {@code bench/memory.sh} uses it.
 */
public final class Seeders {
  private Seeders() {}

  public static void main(String[] args) throws Exception {
    try (ImageStore store = RocksImageStore.open(Path.of(args[0]), InstantSource.system())) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        Host host =
            Libp2pHost.create(
                new HostConfig(
                    HostKey.generate(new SecureRandom()),
                    List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")),
                    "bench",
                    HostLimits.DEFAULT));
        host.start();
        SwarmServer.register(host, store);
        System.out.println(host.listenAddresses().getFirst().withP2p(host.id().multihash()));
      }
      System.out.println("ready");
      Thread.sleep(Duration.ofHours(1));
    }
  }
}
