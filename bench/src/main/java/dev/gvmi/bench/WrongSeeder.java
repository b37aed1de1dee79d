package dev.gvmi.bench;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A peer that corrupts: it holds the images of a data directory, names their true manifests, and
 * sends other bytes.
 *
 * <pre>
 *   WrongSeeder DATA_DIR LISTEN_MULTIADDR    prints its address, then serves until it is ended
 * </pre>
 *
 * {@code bench/flash_crowd.sh} uses it.
 */
public final class WrongSeeder {
  private WrongSeeder() {}

  public static void main(String[] args) throws Exception {
    try (ImageStore store = RocksImageStore.open(Path.of(args[0]), InstantSource.system())) {
      Host host =
          Libp2pHost.create(
              new HostConfig(
                  HostKey.generate(new SecureRandom()),
                  List.of(Multiaddr.parse(args[1])),
                  "bench",
                  HostLimits.DEFAULT));
      host.start();
      SwarmServer.register(host, new WrongStore(store));
      System.out.println(host.listenAddresses().getFirst().withP2p(host.id().multihash()));
      Thread.sleep(Duration.ofHours(1));
    }
  }

  private record WrongStore(ImageStore store) implements ImageStore {
    @Override
    public Optional<StoredImage> image(ImageId id) {
      return store.image(id).map(WrongImage::new);
    }

    @Override
    public List<StoredImage> images() {
      return store.images().stream().<StoredImage>map(WrongImage::new).toList();
    }

    @Override
    public Optional<PartialImage> partial(ImageId id) {
      return Optional.empty();
    }

    @Override
    public List<PartialImage> partials() {
      return List.of();
    }

    @Override
    public PartialImage openPartial(Manifest manifest) {
      throw new UnsupportedOperationException("it fetches nothing");
    }

    @Override
    public StoredImage complete(PartialImage partial, VerifiedImage proof) {
      throw new UnsupportedOperationException("it fetches nothing");
    }

    @Override
    public Path newImportFile() {
      throw new UnsupportedOperationException("it imports nothing");
    }

    @Override
    public StoredImage adopt(Path importFile, VerifiedImage proof) {
      throw new UnsupportedOperationException("it imports nothing");
    }

    @Override
    public boolean remove(ImageId id) {
      return false;
    }

    @Override
    public void close() {
      // its owner closes the store
    }
  }

  private record WrongImage(StoredImage image) implements StoredImage {
    @Override
    public ImageId id() {
      return image.id();
    }

    @Override
    public Manifest manifest() {
      return image.manifest();
    }

    @Override
    public Path file() {
      return image.file();
    }

    @Override
    public Instant completedAt() {
      return image.completedAt();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer... targets) {
      int[] from = Arrays.stream(targets).mapToInt(ByteBuffer::position).toArray();
      image.read(offsetBytes, targets);
      for (int k = 0; k < targets.length; k++) {
        for (int i = from[k]; i < targets[k].position(); i++) {
          targets[k].put(i, (byte) ~targets[k].get(i));
        }
      }
    }
  }
}
