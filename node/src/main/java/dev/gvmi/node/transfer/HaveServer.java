package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.HaveUpdate;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /gvmi/have}: tells what is here, what was handed to others and who else has it,
 * then what is new of that, at most four times a second, until the opener is gone, or nothing was
 * told for long. A holder of all of it goes on, too: those who fetch together learn of each other
 * by it.
 */
final class HaveServer {
  private static final Duration INTERVAL = Duration.ofMillis(250);

  /** Between two looks, when all chunks were told and none was handed lately. */
  private static final Duration ALL_TOLD_INTERVAL = Duration.ofSeconds(1);

  /** Holders that one opener is told of. */
  private static final int MAX_TOLD = 256;

  private final ImageStore store;
  private final KnownHolders holders;
  private final HandedChunks handed;

  HaveServer(ImageStore store, KnownHolders holders, HandedChunks handed) {
    this.store = store;
    this.holders = holders;
    this.handed = handed;
  }

  void serve(Stream stream) throws IOException {
    stream.timeout(Protocols.STALL);
    HaveUpdate first = HaveUpdate.decode(Protocols.read(stream));
    ImageId image =
        first
            .image()
            .orElseThrow(() -> new ProtocolException("first message of have names no image"));
    Optional<Holding> holding = Holding.of(store, image);
    Telling telling = new Telling(stream, image);
    if (holding.isPresent()) { // first, so that it counts for the first request
      telling.handed(Optional.of(image), holding.get().manifest().id());
    }
    for (HaveUpdate message : HaveMessages.opening(image, holding)) {
      Protocols.write(stream, message.encode());
    }
    telling.holders();
    if (holding.isPresent()) {
      telling.follow(holding.get());
    }
    stream.closeWrite();
  }

  /**
   * Returns at once; from then on the flag tells whether the opener has ended its side or is gone.
   */
  private static AtomicBoolean watch(Stream stream) {
    AtomicBoolean gone = new AtomicBoolean();
    Thread.ofVirtual()
        .name("have-end")
        .start(() -> {
          while (!gone.get()) {
            try {
              // what the opener gains is not used here
              HaveUpdate.decode(Protocols.read(stream));
            } catch (SocketTimeoutException quiet) {
              // it has nothing to say
            } catch (IOException e) {
              gone.set(true);
            }
          }
        });
    return gone;
  }

  /** What one opener was told. */
  private final class Telling {
    private final Stream stream;
    private final ImageId image;
    private final Set<ByteBuffer> told = new HashSet<>();
    private final BitSet toldHanded = new BitSet();
    private long quietSince = System.nanoTime();

    Telling(Stream stream, ImageId image) {
      this.stream = stream;
      this.image = image;
    }

    /** Those that it was not told of yet. */
    boolean holders() throws IOException {
      List<byte[]> others =
          holders.of(image, stream.remotePeer()).stream()
              .filter(record -> told.size() < MAX_TOLD && told.add(ByteBuffer.wrap(record)))
              .toList();
      if (!others.isEmpty()) {
        Protocols.write(stream, HaveMessages.holders(others).encode());
      }
      return !others.isEmpty();
    }

    /** What was handed to others meanwhile. */
    boolean handed(Optional<ImageId> first, ManifestId manifest) throws IOException {
      BitSet fresh = handed.since(manifest, toldHanded);
      if (fresh.isEmpty()) {
        return false;
      }
      Protocols.write(stream, HaveMessages.handed(first, manifest, fresh, toldHanded).encode());
      return true;
    }

    /** What is new of what is here; null if it is not here any more. */
    private @Nullable Holding gained(ManifestId manifest, BitSet told) throws IOException {
      Optional<Holding> now =
          Holding.of(store, image).filter(held -> held.manifest().id().equals(manifest));
      if (now.isPresent()) {
        BitSet here = now.get().chunks();
        boolean complete = now.get().complete();
        if (complete || here.cardinality() > told.cardinality()) {
          Protocols.write(stream, HaveMessages.gained(manifest, told, here, complete).encode());
          quietSince = System.nanoTime();
        }
      }
      return now.orElse(null);
    }

    void follow(Holding opening) throws IOException {
      AtomicBoolean gone = watch(stream);
      ManifestId manifest = opening.manifest().id();
      BitSet chunks = opening.chunks();
      boolean complete = opening.complete();
      boolean hands = false;
      while (System.nanoTime() - quietSince < Protocols.IDLE.toNanos()) {
        LockSupport.parkNanos((complete && !hands ? ALL_TOLD_INTERVAL : INTERVAL).toNanos());
        if (Thread.currentThread().isInterrupted() || gone.get()) {
          return;
        }
        if (!complete) {
          Holding now = gained(manifest, chunks);
          if (now == null) {
            return;
          }
          complete = now.complete();
        }
        hands = handed(Optional.empty(), manifest);
        boolean told = holders() || hands;
        quietSince = told ? System.nanoTime() : quietSince;
      }
      if (!complete) {
        throw new IOException(
            "nothing gained for "
                + TimeUnit.NANOSECONDS.toSeconds(Protocols.IDLE.toNanos())
                + " s");
      }
    }
  }
}
