package dev.gvmi.bench.kill;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ChunkLink;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A peer that takes each chunk that a daemon offers, and compares it with what it should be. */
final class Taker implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int CHUNKS_AT_ONCE = 4;

  private final Host host;
  private final BufferPool buffers = new BufferPool(8, Geometry.CHUNK_BYTES);

  Taker() throws IOException {
    host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()), List.of(), "bench", HostLimits.DEFAULT));
    host.start();
  }

  /** How many bytes the daemon offers, all of which came and are right. */
  long takeAll(String address, Sample image) throws Exception {
    PeerId peer = host.dial(Multiaddr.parse(address), LIMIT);
    Optional<ManifestClient.Held> held = ManifestClient.ask(host, peer, image.imageId());
    if (held.isEmpty()) {
      return 0;
    }
    Manifest manifest =
        ManifestClient.fetch(host, peer, image.imageId(), held.get().manifest(), () -> false)
            .orElseThrow(() -> new IOException("no manifest of " + image.id()));
    Disagreement.unless(
        manifest.geometry().sizeBytes() == image.bytes(), "a false manifest of " + image.id());
    try (FileChannel truth = FileChannel.open(image.file(), StandardOpenOption.READ)) {
      Taking taking = new Taking(manifest.geometry(), truth);
      try (ChunkLink link = ChunkLink.open(host, peer, manifest, buffers, taking)) {
        return taking.all(link);
      }
    }
  }

  @Override
  public void close() {
    host.close();
  }

  /** One image of one peer. */
  private static final class Taking implements ChunkLink.Listener {
    private final Geometry geometry;
    private final FileChannel truth;
    private final CompletableFuture<BitSet> offered = new CompletableFuture<>();

    /** What became of each chunk: empty if it came and is right. */
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();

    Taking(Geometry geometry, FileChannel truth) {
      this.geometry = geometry;
      this.truth = truth;
    }

    long all(ChunkLink link) throws Exception {
      BitSet chunks;
      try {
        chunks = offered.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new IOException("a peer has a manifest, and does not tell what it holds", e);
      }
      long bytes = 0;
      for (int first = chunks.nextSetBit(0); first >= 0; first = chunks.nextSetBit(first)) {
        int end = Math.min(chunks.nextClearBit(first), first + CHUNKS_AT_ONCE);
        link.request(first, end - first);
        for (; first < end; first++) {
          String answer = answers.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
          Disagreement.unless(
              answer != null && answer.isEmpty(), "chunk " + first + " is offered, and " + answer);
          bytes += geometry.chunkLength(first);
        }
      }
      return bytes;
    }

    @Override
    public void holds(PeerId peer, BitSet chunks) {
      offered.complete((BitSet) chunks.clone());
    }

    @Override
    public ByteBuffer arrived(PeerId peer, UnverifiedChunk chunk) throws IOException {
      ByteBuffer right = ByteBuffer.allocate(geometry.chunkLength(chunk.index()));
      long offset = geometry.chunkOffset(chunk.index());
      while (right.hasRemaining()) {
        truth.read(right, offset + right.position());
      }
      answers.add(right.flip().equals(chunk.bytes()) ? "" : "is wrong");
      return chunk.bytes();
    }

    @Override
    public void refused(PeerId peer, int chunk) {
      answers.add("is refused");
    }

    @Override
    public void busy(PeerId peer, int chunk, Duration until) {
      answers.add("is put off");
    }

    /** A peer that holds nothing says so by ending. */
    @Override
    public void ended(PeerId peer, String reason) {
      offered.complete(new BitSet());
      answers.add("the link ended: " + reason);
    }
  }
}
