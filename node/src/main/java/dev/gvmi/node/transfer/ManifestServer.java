package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Answers {@code /gvmi/manifest}: one answer at a time per peer, because a small request costs
 * megabytes; and few delta indexes at a time, which are read from disk for each.
 */
final class ManifestServer {
  static final int MAX_DELTAS = 8;

  private final ImageStore store;
  private final PeerRates uploads;
  private final Semaphore deltas = new Semaphore(MAX_DELTAS);
  private final Set<PeerId> busy = ConcurrentHashMap.newKeySet();

  ManifestServer(ImageStore store, PeerRates uploads) {
    this.store = store;
    this.uploads = uploads;
  }

  void serve(Stream stream) throws IOException, InterruptedException {
    stream.timeout(Protocols.STALL);
    ManifestAsk ask = ManifestAsk.decode(Protocols.read(stream));
    if (!busy.add(stream.remotePeer())) {
      answer(stream, ManifestAnswer.Status.BUSY);
      return;
    }
    try {
      Optional<Holding> holding =
          Holding.of(store, ask.image())
              .filter(held ->
                  ask.manifest().isEmpty() || ask.manifest().get().equals(held.manifest().id()));
      if (holding.isEmpty()) {
        answer(stream, ManifestAnswer.Status.NOT_FOUND);
        return;
      }
      switch (ask.kind()) {
        case MANIFEST ->
            send(stream, holding.get(), holding.get().manifest().bytes(), ask.offset());
        case DELTA -> sendDelta(stream, holding.get(), ask.offset());
      }
    } finally {
      busy.remove(stream.remotePeer());
    }
  }

  private void sendDelta(Stream stream, Holding holding, long offset)
      throws IOException, InterruptedException {
    if (!deltas.tryAcquire()) {
      answer(stream, ManifestAnswer.Status.BUSY);
      return;
    }
    try {
      Optional<DeltaIndex> index = store.deltas().index(holding.manifest().image());
      if (index.isEmpty()) {
        answer(stream, ManifestAnswer.Status.NOT_FOUND);
      } else {
        send(stream, holding, index.get().bytes(), offset);
      }
    } finally {
      deltas.release();
    }
  }

  private static void answer(Stream stream, ManifestAnswer.Status status) throws IOException {
    Protocols.write(stream, new ManifestAnswer(status, Optional.empty(), 0, false).encode());
    stream.closeWrite();
  }

  /** An offset at or beyond the end asks what is held, and for no bytes. */
  private void send(Stream stream, Holding holding, ByteBuffer bytes, long offset)
      throws IOException, InterruptedException {
    Protocols.write(
        stream,
        new ManifestAnswer(
                ManifestAnswer.Status.OK,
                Optional.of(holding.manifest().id()),
                bytes.remaining(),
                holding.complete())
            .encode());
    int end = bytes.limit();
    for (int at = (int) Math.min(offset, end); at < end; at = bytes.limit()) {
      int piece = Math.min(uploads.pieceBytes(), end - at);
      uploads.pass(stream.remotePeer(), piece);
      stream.write(bytes.limit(at + piece).position(at));
    }
    stream.closeWrite();
  }
}
