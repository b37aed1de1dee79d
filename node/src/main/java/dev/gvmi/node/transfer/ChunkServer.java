package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.multiformats.Varint;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.ChunkAnswer;
import dev.gvmi.protocol.wire.ChunkAsk;
import dev.gvmi.protocol.wire.ChunkCancel;
import dev.gvmi.protocol.wire.ChunkMessage;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /gvmi/chunk} on one stream: a reader takes requests and cancels as they come, a
 * writer answers in order.
 *
 * <p>A chunk is read into the buffers that it is sent from, at once; in pieces under a rate limit.
 *
 * <p><b>Thread:</b> {@link #serve} is the writer; it starts a virtual thread that reads.
 */
final class ChunkServer {
  /** What a stream may ask for beyond what is queued: each is answered with BUSY. */
  private static final int MAX_OPEN_REQUESTS = 1024;

  private static final int RETRY_MILLIS = 500;

  private final Shared shared;
  private final LinkedBlockingQueue<Asked> queue = new LinkedBlockingQueue<>();
  private final Set<Long> open = ConcurrentHashMap.newKeySet();
  private final Set<Long> cancelled = ConcurrentHashMap.newKeySet();

  /** The image that was asked for last, of the reader. */
  private @Nullable Manifest lastAsked;

  private @Nullable Holding last;
  private BitSet lastChunks = new BitSet();

  /** What the streams of all peers have in common. */
  record Shared(
      ImageStore store,
      Semaphore answers,
      PeerQueues queues,
      PeerTurns turns,
      HandedChunks handed,
      PeerRates uploads,
      LongAdder sentBytes) {}

  /** What the reader hands to the writer. */
  private sealed interface Asked {
    record Chunks(ChunkAsk ask) implements Asked {}

    /** More than is queued for one peer. */
    record TooMuch(ChunkAsk ask) implements Asked {}

    record End() implements Asked {}

    record Failed(IOException reason) implements Asked {}
  }

  ChunkServer(Shared shared) {
    this.shared = shared;
  }

  void serve(Stream stream) throws IOException, InterruptedException {
    stream.timeout(Protocols.STALL);
    Thread reader = Thread.ofVirtual().name("chunk-requests").start(() -> readAll(stream));
    try {
      while (true) {
        Asked asked = queue.poll(Protocols.IDLE.toSeconds(), TimeUnit.SECONDS);
        switch (asked) {
          case null -> throw new EOFException("no request for long");
          case Asked.Chunks chunks -> answer(stream, chunks.ask());
          case Asked.TooMuch tooMuch -> busy(stream, tooMuch.ask());
          case Asked.Failed failed -> throw failed.reason();
          case Asked.End end -> {
            stream.closeWrite();
            return;
          }
        }
      }
    } finally {
      reader.interrupt();
      Threads.awaitEnd(reader); // it counts what it queues: only then is what is left counted out
      queue.forEach(left -> forget(stream, left));
    }
  }

  private void forget(Stream stream, Asked left) {
    if (left instanceof Asked.Chunks chunks) {
      shared.queues().remove(stream.remotePeer(), chunks.ask().count());
    }
  }

  private void readAll(Stream stream) {
    try {
      while (true) {
        switch (ChunkMessage.decode(readPatiently(stream))) {
          case ChunkAsk ask -> enqueue(stream, ask);
          case ChunkCancel cancel -> {
            if (open.contains(cancel.id())) {
              cancelled.add(cancel.id());
            }
          }
        }
      }
    } catch (EOFException end) {
      queue.add(new Asked.End());
    } catch (ProtocolException e) {
      stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
      queue.add(new Asked.Failed(e));
    } catch (IOException e) {
      queue.add(new Asked.Failed(e));
    }
  }

  /** A request may be long in coming, once it has begun it must go on. */
  private static byte[] readPatiently(Stream stream) throws IOException {
    long end = System.nanoTime() + Protocols.IDLE.toNanos();
    while (true) {
      try {
        return Protocols.read(stream);
      } catch (SocketTimeoutException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  private void enqueue(Stream stream, ChunkAsk ask) throws ProtocolException {
    if (!open.add(ask.id())) {
      throw new ProtocolException("request id " + ask.id() + " is in use");
    }
    if (open.size() > MAX_OPEN_REQUESTS) {
      throw new ProtocolException("more than " + MAX_OPEN_REQUESTS + " requests are open");
    }
    boolean fits = shared.queues().add(stream.remotePeer(), ask.count());
    if (fits) {
      hand(ask);
    }
    queue.add(fits ? new Asked.Chunks(ask) : new Asked.TooMuch(ask));
  }

  private void hand(ChunkAsk ask) {
    if (lastAsked == null || !lastAsked.id().equals(ask.manifest())) {
      lastAsked = Holding.of(shared.store(), ask.manifest()).map(Holding::manifest).orElse(null);
    }
    if (lastAsked != null) {
      int chunks = lastAsked.geometry().chunkCount();
      shared.handed().add(ask.manifest(), chunks, ask.first(), ask.count());
    }
  }

  private void answer(Stream stream, ChunkAsk ask) throws IOException, InterruptedException {
    try {
      for (int i = ask.first(); i < ask.first() + ask.count(); i++) {
        shared.turns().begin(stream.remotePeer());
        try {
          answer(stream, ask, i);
        } finally {
          shared.turns().end(stream.remotePeer());
        }
      }
    } finally {
      shared.queues().remove(stream.remotePeer(), ask.count());
      settled(ask);
    }
  }

  private void answer(Stream stream, ChunkAsk ask, int index)
      throws IOException, InterruptedException {
    if (cancelled.contains(ask.id())) {
      refuse(stream, ask.id(), index, ChunkAnswer.Status.CANCELLED, 0);
      return;
    }
    if (!shared.answers().tryAcquire()) {
      refuse(stream, ask.id(), index, ChunkAnswer.Status.BUSY, RETRY_MILLIS);
      return;
    }
    try {
      send(stream, ask, index);
    } finally {
      shared.answers().release();
    }
  }

  private void busy(Stream stream, ChunkAsk ask) throws IOException {
    for (int i = ask.first(); i < ask.first() + ask.count(); i++) {
      refuse(stream, ask.id(), i, ChunkAnswer.Status.BUSY, RETRY_MILLIS);
    }
    settled(ask);
  }

  private void settled(ChunkAsk ask) {
    open.remove(ask.id());
    cancelled.remove(ask.id());
  }

  private void send(Stream stream, ChunkAsk ask, int index)
      throws IOException, InterruptedException {
    Optional<Holding> holding = holding(ask.manifest(), index);
    if (holding.isEmpty()) {
      refuse(stream, ask.id(), index, ChunkAnswer.Status.NOT_FOUND, 0);
      return;
    }
    ImageLease lease = shared.store().lease(holding.get().manifest().image());
    try (lease) {
      send(stream, ask, index, holding.get());
    }
  }

  private void send(Stream stream, ChunkAsk ask, int index, Holding holding)
      throws IOException, InterruptedException {
    Geometry geometry = holding.manifest().geometry();
    long offset = geometry.chunkOffset(index);
    int length = geometry.chunkLength(index);
    int sent = pieceBytes(length);
    try {
      write(stream, head(ask.id(), index, length), holding, offset, sent);
    } catch (StoreException e) {
      last = null;
      refuse(stream, ask.id(), index, ChunkAnswer.Status.NOT_FOUND, 0);
      return;
    }
    while (sent < length) {
      int count = pieceBytes(length - sent);
      write(stream, ByteBuffer.allocate(0), holding, offset + sent, count);
      sent += count;
    }
    shared.sentBytes().add(length);
  }

  private int pieceBytes(int left) {
    PeerRates rates = shared.uploads();
    return rates.isLimited() ? Math.min(left, rates.pieceBytes()) : left;
  }

  /** Nothing is written if the reading fails. */
  private void write(Stream stream, ByteBuffer head, Holding holding, long offset, int count)
      throws IOException, InterruptedException {
    shared.uploads().pass(stream.remotePeer(), count);
    stream.write(
        head.remaining() + count,
        targets -> {
          targets[0].put(head);
          holding.read(offset, targets);
        });
  }

  private static ByteBuffer head(long id, int index, int length) {
    byte[] head = new ChunkAnswer(id, index, ChunkAnswer.Status.OK, length, 0).encode();
    ByteBuffer frame = ByteBuffer.allocate(Varint.size(head.length) + head.length);
    Varint.put(head.length, frame);
    return frame.put(head).flip();
  }

  private static void refuse(
      Stream stream, long id, int index, ChunkAnswer.Status status, int retryMillis)
      throws IOException {
    LengthPrefixed.write(stream, new ChunkAnswer(id, index, status, 0, retryMillis).encode());
  }

  /** What holds the chunk; looked up again only when what was found last does not have it. */
  private Optional<Holding> holding(ManifestId manifest, int index) {
    if (last == null || !last.manifest().id().equals(manifest) || !lastChunks.get(index)) {
      last = Holding.of(shared.store(), manifest).orElse(null);
      lastChunks = last == null ? new BitSet() : last.chunks();
    }
    return lastChunks.get(index) ? Optional.of(Objects.requireNonNull(last)) : Optional.empty();
  }
}
