package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers {@code /gvmi/manifest}: one answer at a time per peer, because a small request costs megabytes. */
final class ManifestServer {
  private final ImageStore store;
  private final RateGate uploads;
  private final Set<PeerId> busy = ConcurrentHashMap.newKeySet();

  ManifestServer(ImageStore store, RateGate uploads) {
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
          ask.kind() == ManifestAsk.Kind.MANIFEST
              ? Holding.of(store, ask.image())
                  .filter(
                      held ->
                          ask.manifest().isEmpty()
                              || ask.manifest().get().equals(held.manifest().id()))
              : Optional.empty();
      if (holding.isEmpty()) {
        answer(stream, ManifestAnswer.Status.NOT_FOUND);
      } else {
        send(stream, holding.get(), ask.offset());
      }
    } finally {
      busy.remove(stream.remotePeer());
    }
  }

  private static void answer(Stream stream, ManifestAnswer.Status status) throws IOException {
    Protocols.write(
        stream, new ManifestAnswer(status, Optional.empty(), 0, false).encode());
    stream.closeWrite();
  }

  /** An offset at or beyond the end asks what is held, and for no bytes. */
  private void send(Stream stream, Holding holding, long offset)
      throws IOException, InterruptedException {
    ByteBuffer bytes = holding.manifest().bytes();
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
