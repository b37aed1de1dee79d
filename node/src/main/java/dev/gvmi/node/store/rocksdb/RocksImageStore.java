package dev.gvmi.node.store.rocksdb;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.file.FileImageStore;
import java.nio.file.Path;
import java.time.InstantSource;

/** The store the node runs on: image data in files, the index in RocksDB. */
public final class RocksImageStore {
  private RocksImageStore() {}

  /**
   * Opens the store of a data directory, which is made where it is missing, and held until the
   * store is closed.
   *
   * <p>May take long: images that the index does not know, or whose file is not as the index knows
   * it, are hashed whole before they are believed.
   *
   * @param clock dates images and says when a batch is old
   * @throws dev.gvmi.node.store.StoreException of kind IN_USE if another process (or store) holds
   *     the directory, of kind UNUSABLE if it cannot be written, or a newer version wrote it
   */
  public static ImageStore open(Path dataDir, InstantSource clock) {
    return FileImageStore.open(dataDir, RocksIndex::open, clock);
  }
}
