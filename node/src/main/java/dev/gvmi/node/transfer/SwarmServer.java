package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.store.ImageStore;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Serves what the store holds, complete images and partial ones from their first verified chunk on.
 *
 * <p><b>Thread:</b> any; each stream has its own.
 */
public final class SwarmServer {
  /** Requests that are answered at one time; what is over is told to come again. */
  private static final int MAX_ANSWERS = 256;

  private final LongAdder sentBytes = new LongAdder();

  private SwarmServer() {}

  /** Serves on {@code host} from now on. */
  public static SwarmServer register(Host host, ImageStore store) {
    return register(host, store, new PeerRates(System::nanoTime), KnownHolders.NONE);
  }

  /** Serves on {@code host} from now on, as fast as the rates let it. */
  public static SwarmServer register(
      Host host, ImageStore store, PeerRates uploads, KnownHolders holders) {
    SwarmServer server = new SwarmServer();
    HandedChunks handed = new HandedChunks(System::nanoTime);
    ManifestServer manifests = new ManifestServer(store, uploads);
    ChunkServer.Shared shared =
        new ChunkServer.Shared(
            store,
            new Semaphore(MAX_ANSWERS),
            new PeerQueues(),
            new PeerTurns(),
            handed,
            uploads,
            server.sentBytes);
    host.handle(Protocols.MANIFEST, manifests::serve);
    host.handle(Protocols.HAVE, stream -> new HaveServer(store, holders, handed).serve(stream));
    host.handle(Protocols.CHUNK, stream -> new ChunkServer(shared).serve(stream));
    return server;
  }

  /** Bytes of chunks that were sent since the start. */
  public long sentBytes() {
    return sentBytes.sum();
  }
}
