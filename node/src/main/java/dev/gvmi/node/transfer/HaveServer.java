package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.HaveUpdate;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Serves {@code /gvmi/have}: tells what is here and who else has it, then what is gained, at most four times a second,
 * until the image is complete or the opener is gone.
 */
final class HaveServer {
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private final ImageStore store;
  private final KnownHolders holders;

  HaveServer(ImageStore store, KnownHolders holders) {
    this.store = store;
    this.holders = holders;
  }

  void serve(Stream stream) throws IOException {
    stream.timeout(Protocols.STALL);
    HaveUpdate first = HaveUpdate.decode(Protocols.read(stream));
    ImageId image =
        first
            .image()
            .orElseThrow(() -> new ProtocolException("first message of have names no image"));
    Optional<Holding> holding = Holding.of(store, image);
    for (HaveUpdate message : HaveMessages.opening(image, holding)) {
      Protocols.write(stream, message.encode());
    }
    List<byte[]> others = holders.of(image, stream.remotePeer());
    if (!others.isEmpty()) {
      Protocols.write(stream, HaveMessages.holders(others).encode());
    }
    if (holding.isPresent() && !holding.get().complete()) {
      follow(stream, image, holding.get());
    }
    stream.closeWrite();
  }

  private void follow(Stream stream, ImageId image, Holding opening) throws IOException {
    ManifestId manifest = opening.manifest().id();
    BitSet told = opening.chunks();
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < Protocols.IDLE.toNanos()) {
      LockSupport.parkNanos(INTERVAL.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      Optional<Holding> now =
          Holding.of(store, image).filter(held -> held.manifest().id().equals(manifest));
      if (now.isEmpty()) {
        return;
      }
      BitSet chunks = now.get().chunks();
      boolean complete = now.get().complete();
      if (complete || chunks.cardinality() > told.cardinality()) {
        Protocols.write(
            stream, HaveMessages.gained(manifest, told, chunks, complete).encode());
        quietSince = System.nanoTime();
      }
      if (complete) {
        return;
      }
    }
    throw new IOException(
        "nothing gained for " + TimeUnit.NANOSECONDS.toSeconds(Protocols.IDLE.toNanos()) + " s");
  }
}
