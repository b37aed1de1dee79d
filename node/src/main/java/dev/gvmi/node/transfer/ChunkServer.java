package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.multiformats.Varint;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.ChunkAnswer;
import dev.gvmi.protocol.wire.ChunkAsk;
import dev.gvmi.protocol.wire.ChunkCancel;
import dev.gvmi.protocol.wire.ChunkMessage;
import dev.gvmi.protocol.wire.WireLimits;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /gvmi/chunk} on one stream: a reader takes requests and cancels as they come, a writer answers in order.
 *
 * <p><b>Thread:</b> {@link #serve} is the writer; it starts a virtual thread that reads.
 */
final class ChunkServer {
  private static final int MAX_QUEUED_CHUNKS =
      WireLimits.MAX_QUEUED_BYTES_PER_PEER / Geometry.CHUNK_BYTES;

  private final ImageStore store;
  private final BufferPool buffers;
  private final LongAdder sentBytes;
  private final LinkedBlockingQueue<Asked> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger queuedChunks = new AtomicInteger();
  private final Set<Long> open = ConcurrentHashMap.newKeySet();
  private final Set<Long> cancelled = ConcurrentHashMap.newKeySet();
  private @Nullable Holding last;
  private BitSet lastChunks = new BitSet();

  /** A request, or the end of them: why the reader stopped, null at the regular end. */
  private record Asked(@Nullable ChunkAsk ask, @Nullable IOException end) {}

  ChunkServer(ImageStore store, BufferPool buffers, LongAdder sentBytes) {
    this.store = store;
    this.buffers = buffers;
    this.sentBytes = sentBytes;
  }

  void serve(Stream stream) throws IOException, InterruptedException {
    stream.timeout(Protocols.IDLE);
    Thread reader = Thread.ofVirtual().name("chunk-requests").start(() -> readAll(stream));
    try {
      while (true) {
        Asked asked = queue.poll(2 * Protocols.IDLE.toSeconds(), TimeUnit.SECONDS);
        if (asked == null) {
          throw new EOFException("no request for long");
        }
        ChunkAsk ask = asked.ask();
        if (ask != null) {
          answer(stream, ask);
        } else if (asked.end() != null) {
          throw asked.end();
        } else {
          stream.closeWrite();
          return;
        }
      }
    } finally {
      reader.interrupt();
    }
  }

  private void readAll(Stream stream) {
    try {
      while (true) {
        switch (ChunkMessage.decode(Protocols.read(stream))) {
          case ChunkAsk ask -> enqueue(ask);
          case ChunkCancel cancel -> {
            if (open.contains(cancel.id())) {
              cancelled.add(cancel.id());
            }
          }
        }
      }
    } catch (EOFException end) {
      queue.add(new Asked(null, null));
    } catch (ProtocolException e) {
      stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
      queue.add(new Asked(null, e));
    } catch (IOException e) {
      queue.add(new Asked(null, e));
    }
  }

  private void enqueue(ChunkAsk ask) throws ProtocolException {
    if (!open.add(ask.id())) {
      throw new ProtocolException("request id " + ask.id() + " is in use");
    }
    if (queuedChunks.addAndGet(ask.count()) > MAX_QUEUED_CHUNKS) {
      throw new ProtocolException("more than " + MAX_QUEUED_CHUNKS + " chunks are asked for");
    }
    queue.add(new Asked(ask, null));
  }

  private void answer(Stream stream, ChunkAsk ask) throws IOException, InterruptedException {
    try {
      for (int i = ask.first(); i < ask.first() + ask.count(); i++) {
        if (cancelled.contains(ask.id())) {
          refuse(stream, ask.id(), i, ChunkAnswer.Status.CANCELLED);
        } else {
          send(stream, ask, i);
        }
      }
    } finally {
      queuedChunks.addAndGet(-ask.count());
      open.remove(ask.id());
      cancelled.remove(ask.id());
    }
  }

  private void send(Stream stream, ChunkAsk ask, int index)
      throws IOException, InterruptedException {
    Optional<Holding> holding = holding(ask.manifest(), index);
    if (holding.isEmpty()) {
      refuse(stream, ask.id(), index, ChunkAnswer.Status.NOT_FOUND);
      return;
    }
    Geometry geometry = holding.get().manifest().geometry();
    ByteBuffer bytes = buffers.take();
    try {
      bytes.limit(geometry.chunkLength(index));
      holding.get().read(geometry.chunkOffset(index), bytes);
      bytes.flip();
      write(stream, ask.id(), index, bytes);
    } catch (StoreException e) {
      last = null;
      refuse(stream, ask.id(), index, ChunkAnswer.Status.NOT_FOUND);
    } finally {
      buffers.giveBack(bytes);
    }
  }

  private void write(Stream stream, long id, int index, ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    byte[] head = new ChunkAnswer(id, index, ChunkAnswer.Status.OK, length, 0).encode();
    ByteBuffer frame = ByteBuffer.allocate(Varint.size(head.length) + head.length);
    Varint.put(head.length, frame);
    stream.write(frame.put(head).flip());
    stream.write(bytes);
    sentBytes.add(length);
  }

  private static void refuse(Stream stream, long id, int index, ChunkAnswer.Status status)
      throws IOException {
    LengthPrefixed.write(stream, new ChunkAnswer(id, index, status, 0, 0).encode());
  }

  /** What holds the chunk; looked up again only when what was found last does not have it. */
  private Optional<Holding> holding(ManifestId manifest, int index) {
    if (last == null || !last.manifest().id().equals(manifest) || !lastChunks.get(index)) {
      last = Holding.of(store, manifest).orElse(null);
      lastChunks = last == null ? new BitSet() : last.chunks();
    }
    return lastChunks.get(index) ? Optional.of(Objects.requireNonNull(last)) : Optional.empty();
  }
}
