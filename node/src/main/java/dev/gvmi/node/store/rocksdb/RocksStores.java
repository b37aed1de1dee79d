package dev.gvmi.node.store.rocksdb;

import dev.gvmi.libp2p.kad.routing.ProviderStore;
import dev.gvmi.node.discovery.PeerStore;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.file.FileImageStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * All that a data directory keeps: images, and what is remembered of the network. Closing the
 * images closes all.
 *
 * @param providers records of the DHT
 * @param peers those that are dialled first after a restart
 */
public record RocksStores(ImageStore images, ProviderStore providers, PeerStore peers) {
  /** As {@link RocksImageStore#open}. */
  public static RocksStores open(Path dataDir, InstantSource clock) {
    AtomicReference<RocksIndex> opened = new AtomicReference<>();
    ImageStore images =
        FileImageStore.open(
            dataDir,
            folder -> {
              RocksIndex index = RocksIndex.open(folder);
              opened.set(index);
              return index;
            },
            clock);
    RocksNetworkStore network = new RocksNetworkStore(opened.get());
    return new RocksStores(images, network, network);
  }
}
