package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.node.store.ImageStore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Serves what the store holds, complete images and partial ones from their first verified chunk on.
 *
 * <p><b>Thread:</b> any; each stream has its own.
 */
public final class SwarmServer {
  private static final int BUFFERS = 64;

  private final LongAdder sentBytes = new LongAdder();

  private SwarmServer() {}

  /** Serves on {@code host} from now on. */
  public static SwarmServer register(Host host, ImageStore store) {
    SwarmServer server = new SwarmServer();
    BufferPool buffers = new BufferPool(BUFFERS);
    ManifestServer manifests = new ManifestServer(store);
    host.handle(Protocols.MANIFEST, manifests::serve);
    host.handle(Protocols.HAVE, stream -> new HaveServer(store).serve(stream));
    host.handle(
        Protocols.CHUNK,
        stream -> new ChunkServer(store, buffers, server.sentBytes).serve(stream));
    return server;
  }

  /** Bytes of chunks that were sent since the start. */
  public long sentBytes() {
    return sentBytes.sum();
  }
}
