package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.wire.ChunkAnswer;
import dev.gvmi.protocol.wire.ChunkAsk;
import dev.gvmi.protocol.wire.ChunkCancel;
import dev.gvmi.protocol.wire.HaveUpdate;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One peer as a source of one image: a have stream that tells what it holds, a chunk stream that
 * delivers.
 *
 * <p><b>Thread:</b> requests from one thread; {@link Listener} is called on the link's own virtual
 * threads.
 *
 * <p><b>Errors:</b> when anything fails on either stream both are reset and {@link Listener#ended}
 * is called, once.
 */
public final class ChunkLink implements ChunkSource {
  private static final Duration OPEN = Duration.ofSeconds(5);

  private final PeerId peer;
  private final Manifest manifest;
  private final Listener listener;
  private final BufferPool buffers;
  private final Stream have;
  private final Stream chunks;

  /** Where chunks are read to, one after the other; of the reading thread. */
  private @Nullable ByteBuffer buffer;

  private final AtomicLong nextId = new AtomicLong(1);
  private final Map<Long, Request> open = new ConcurrentHashMap<>();
  private final LongAdder received = new LongAdder();
  private final AtomicBoolean ended = new AtomicBoolean();

  /** What a link tells. */
  public interface Listener {
    /** All that the peer holds now. */
    void holds(PeerId peer, BitSet chunks);

    /** The peer hands these chunks to others, too. */
    default void handed(PeerId peer, BitSet chunks) {}

    /** The peer tells of others that hold the image: their signed records. */
    default void heardOf(PeerId peer, List<byte[]> records) {}

    /**
     * A chunk came.
     *
     * @return the buffer for the next one: this chunk's, or in exchange for it another of its size
     * @throws IOException if no more are wanted; the buffer stays the caller's
     */
    ByteBuffer arrived(PeerId peer, UnverifiedChunk chunk) throws IOException;

    /** The peer does not deliver this chunk. */
    void refused(PeerId peer, int chunk);

    /** The peer has no time for this chunk until then. */
    void busy(PeerId peer, int chunk, Duration until);

    /** The link is over. */
    void ended(PeerId peer, String reason);
  }

  /** Chunks of one request that have not been answered. <b>Thread:</b> any. */
  private static final class Request {
    private final BitSet missing = new BitSet();

    Request(int first, int count) {
      missing.set(first, first + count);
    }

    synchronized boolean misses(int chunk) {
      return missing.get(chunk);
    }

    synchronized boolean missesOnly(int chunk) {
      return missing.get(chunk) && missing.cardinality() == 1;
    }

    /** True if that was the last. */
    synchronized boolean answered(int chunk) {
      missing.clear(chunk);
      return missing.isEmpty();
    }
  }

  private ChunkLink(
      PeerId peer,
      Manifest manifest,
      Listener listener,
      BufferPool buffers,
      Stream have,
      Stream chunks) {
    this.peer = peer;
    this.manifest = manifest;
    this.listener = listener;
    this.buffers = buffers;
    this.have = have;
    this.chunks = chunks;
  }

  /** Opens both streams to a connected peer and starts listening. */
  public static ChunkLink open(
      Host host, PeerId peer, Manifest manifest, BufferPool buffers, Listener listener)
      throws IOException {
    Stream have = host.newStream(peer, OPEN, Protocols.HAVE);
    Stream chunks;
    try {
      Protocols.write(
          have, HaveMessages.opening(manifest.image(), Optional.empty()).getFirst().encode());
      chunks = host.newStream(peer, OPEN, Protocols.CHUNK);
    } catch (IOException e) {
      have.reset(StreamErrors.NONE.code());
      throw e;
    }
    ChunkLink link = new ChunkLink(peer, manifest, listener, buffers, have, chunks);
    Thread.ofVirtual().name("have-" + peer.toShortString()).start(link::readHave);
    Thread.ofVirtual().name("chunks-" + peer.toShortString()).start(link::readChunks);
    return link;
  }

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public long receivedBytes() {
    return received.sum();
  }

  @Override
  public void request(int first, int count) {
    long id = nextId.getAndIncrement();
    open.put(id, new Request(first, count));
    try {
      Protocols.write(chunks, new ChunkAsk(id, manifest.id(), first, count).encode());
    } catch (IOException e) {
      end(e);
    }
  }

  /** A request of several chunks is cancelled when none of it is needed. */
  @Override
  public void cancel(int chunk) {
    open.forEach((id, request) -> {
      if (request.missesOnly(chunk)) {
        try {
          Protocols.write(chunks, new ChunkCancel(id).encode());
        } catch (IOException e) {
          end(e);
        }
      }
    });
  }

  private void readHave() {
    BitSet known = new BitSet();
    have.timeout(Protocols.IDLE.plus(Protocols.IDLE));
    try {
      while (true) {
        HaveUpdate update = HaveUpdate.decode(Protocols.read(have));
        List<byte[]> others = update.holders();
        if (!others.isEmpty()) {
          listener.heardOf(peer, others);
        }
        if (update.manifest().isPresent()) {
          requireSameManifest(update);
          take(update, known);
        }
      }
    } catch (EOFException end) {
      // the peer has said all: it is complete, or has nothing
      if (known.isEmpty()) {
        end(new IOException("the peer holds nothing of the image"));
      }
    } catch (IOException e) {
      end(e);
    }
  }

  private void take(HaveUpdate update, BitSet known) {
    int chunkCount = manifest.geometry().chunkCount();
    if (!update.handed().isEmpty()) {
      listener.handed(peer, HaveMessages.handed(update, chunkCount));
    }
    if (HaveMessages.tellsOfChunks(update)) {
      HaveMessages.apply(update, chunkCount, known);
      listener.holds(peer, known);
    }
  }

  private void requireSameManifest(HaveUpdate update) throws IOException {
    if (!update.manifest().equals(Optional.of(manifest.id()))) {
      throw new IOException("the peer holds the image under another manifest");
    }
  }

  private void readChunks() {
    chunks.timeout(Protocols.STALL);
    try {
      readAllChunks();
    } finally {
      if (buffer != null) {
        buffers.giveBack(buffer);
      }
    }
  }

  private void readAllChunks() {
    try {
      while (true) {
        try {
          read(ChunkAnswer.decode(Protocols.read(chunks)));
        } catch (SocketTimeoutException e) {
          if (!open.isEmpty()) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      end(e);
    } catch (RuntimeException e) {
      // the listener has failed, and says so itself
      end(new IOException("chunks are no longer taken: " + e.getMessage(), e));
    }
  }

  private void read(ChunkAnswer answer) throws IOException {
    Request request = open.get(answer.id());
    if (request == null || !request.misses(answer.index())) {
      throw new ProtocolException("an answer that was not asked for");
    }
    if (answer.status() != ChunkAnswer.Status.OK) {
      settle(answer, request);
      if (answer.status() == ChunkAnswer.Status.BUSY) {
        listener.busy(peer, answer.index(), Duration.ofMillis(answer.retryMillis()));
      } else {
        listener.refused(peer, answer.index());
      }
      return;
    }
    Geometry geometry = manifest.geometry();
    if (answer.lengthBytes() != geometry.chunkLength(answer.index())) {
      throw new ProtocolException(
          "chunk " + answer.index() + " with " + answer.lengthBytes() + " bytes");
    }
    ByteBuffer bytes = buffer();
    readBody(bytes.clear().limit(answer.lengthBytes()));
    settle(answer, request);
    buffer = listener.arrived(peer, new UnverifiedChunk(answer.index(), bytes.flip()));
  }

  private ByteBuffer buffer() throws IOException {
    if (buffer == null) {
      buffer =
          buffers.take().orElseThrow(() -> new IOException("too many peers deliver at this time"));
    }
    return buffer;
  }

  private void readBody(ByteBuffer body) throws IOException {
    while (body.hasRemaining()) {
      int count = chunks.read(body);
      if (count < 0) {
        throw new EOFException("the stream ended within a chunk");
      }
      received.add(count);
    }
  }

  private void settle(ChunkAnswer answer, Request request) {
    if (request.answered(answer.index())) {
      open.remove(answer.id());
    }
  }

  private void end(IOException reason) {
    if (ended.compareAndSet(false, true)) {
      long code =
          reason instanceof ProtocolException
              ? StreamErrors.PROTOCOL_VIOLATION.code()
              : StreamErrors.NONE.code();
      have.reset(code);
      chunks.reset(code);
      listener.ended(peer, reason.getMessage() == null ? reason.toString() : reason.getMessage());
    }
  }

  @Override
  public void close() {
    close("no longer needed");
  }

  @Override
  public void close(String reason) {
    end(new IOException(reason));
  }
}
