package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.verify.ChunkResult;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ChunkHashingTest {
  private static final int LANES = 4;
  private static final int SPARE = 6;
  private static final TestImage IMAGE = TestImage.random(9 * Geometry.CHUNK_BYTES + 77, 3);
  private static final PeerId PEER = peer(1);
  private static final PeerId OTHER = peer(2);

  private final BufferPool spare = new BufferPool(SPARE, Geometry.CHUNK_BYTES);
  private final List<Runnable> batches = new ArrayList<>();
  private final List<String> results = new ArrayList<>();
  private final ChunkHashing hashing = hashing(batches::add);
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    thread.shutdownNow();
  }

  private static PeerId peer(int n) {
    byte[] digest = new byte[32];
    digest[0] = (byte) n;
    return PeerId.of(Multihash.of(Multihash.SHA2_256, digest));
  }

  private ChunkHashing hashing(Executor threads) {
    return hashing(new Batching(LANES), threads);
  }

  private ChunkHashing hashing(Sha256 sha256, Executor threads) {
    ImageVerifier verifier =
        new ImageVerifier(IMAGE.manifest(), new ScalarSegmentHasher(), new BitSet());
    ChunkHashing made =
        new ChunkHashing(verifier, new ChunkHashing.Parts(sha256, spare, threads), sink());
    made.underWay(100);
    return made;
  }

  /** From now on their chunks wait for others. */
  private void prove(ChunkHashing hashing, PeerId... peers) throws IOException {
    for (PeerId peer : peers) {
      hashing.add(peer, new UnverifiedChunk(8, buffer(8)));
    }
    results.clear();
  }

  private ChunkHashing.Sink sink() {
    return new ChunkHashing.Sink() {
      @Override
      public void hashed(PeerId from, ChunkResult result, int length) {
        ChunkHashingTest.this.hashed(from, result, length);
      }

      @Override
      public void failed(RuntimeException reason) {
        results.add("failed: " + reason.getMessage());
      }
    };
  }

  private synchronized void hashed(PeerId from, ChunkResult result, int length) {
    String name = from.equals(PEER) ? "peer" : "other";
    results.add(
        switch (result) {
          case VerifiedChunk chunk -> {
            assertThat(chunk.bytes()).isEqualTo(ByteBuffer.wrap(IMAGE.chunkBytes(chunk.index())));
            assertThat(length).isEqualTo(chunk.bytes().remaining());
            yield name + " " + chunk.index();
          }
          case ChunkResult.Mismatch mismatch -> name + " not " + mismatch.index();
        });
  }

  private static ByteBuffer buffer(int chunk) {
    byte[] bytes = IMAGE.chunkBytes(chunk);
    return ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES).put(bytes).flip();
  }

  private static void add(ChunkHashing hashing, int first, int count) throws IOException {
    for (int chunk = first; chunk < first + count; chunk++) {
      ByteBuffer given = buffer(chunk);
      ByteBuffer other = hashing.add(PEER, new UnverifiedChunk(chunk, given));
      assertThat(other).isNotSameAs(given);
      assertThat(other.remaining()).isEqualTo(Geometry.CHUNK_BYTES);
    }
  }

  private int spareLeft() {
    List<ByteBuffer> taken = new ArrayList<>();
    for (Optional<ByteBuffer> buffer = spare.take(); buffer.isPresent(); buffer = spare.take()) {
      taken.add(buffer.get());
    }
    taken.forEach(spare::giveBack);
    return taken.size();
  }

  @Test
  void hashesTheFirstChunkOfEachPeerAtOnce() throws Exception {
    ByteBuffer given = buffer(0);
    assertThat(hashing.add(PEER, new UnverifiedChunk(0, given))).isSameAs(given);
    assertThat(results).containsExactly("peer 0");
    assertThatThrownBy(() -> hashing.add(OTHER, new UnverifiedChunk(1, buffer(2))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chunk 1: ");
    hashing.add(OTHER, new UnverifiedChunk(3, buffer(3)));
    assertThat(results).containsExactly("peer 0", "other not 1", "other 3");
    assertThat(batches).isEmpty();
    assertThat(spareLeft()).isEqualTo(SPARE);
  }

  @Test
  void hashesAsManyTogetherAsThereAreLanes() throws Exception {
    prove(hashing, PEER);
    add(hashing, 0, LANES - 1);
    assertThat(batches).isEmpty();
    add(hashing, LANES - 1, 1);
    assertThat(batches).hasSize(1);
    assertThat(results).isEmpty();
    batches.getFirst().run();
    assertThat(results).containsExactly("peer 0", "peer 1", "peer 2", "peer 3");
    assertThat(spareLeft()).isEqualTo(SPARE);
  }

  @Test
  void waitsForNoMoreThanAreUnderWay() throws Exception {
    prove(hashing, PEER);
    hashing.underWay(2);
    add(hashing, 0, 1);
    assertThat(batches).isEmpty();
    add(hashing, 1, 1);
    assertThat(batches).hasSize(1);
    add(hashing, 2, 1);
    hashing.underWay(1);
    assertThat(batches).hasSize(2);
  }

  @Test
  void waitsForAShortTimeOnly() throws Exception {
    prove(hashing, PEER);
    add(hashing, 9, 1); // the last, which is shorter
    hashing.tick(System.nanoTime() - Duration.ofMinutes(1).toNanos());
    assertThat(batches).isEmpty();
    hashing.tick(System.nanoTime() + ChunkHashing.PATIENCE.toNanos());
    assertThat(batches).hasSize(1);
    hashing.tick(System.nanoTime() + Duration.ofMinutes(1).toNanos());
    assertThat(batches).hasSize(1);
    batches.getFirst().run();
    assertThat(results).containsExactly("peer 9");
  }

  @Test
  void tellsWhoSentWhatIsWrong() throws Exception {
    prove(hashing, PEER, OTHER);
    add(hashing, 0, 1);
    hashing.add(OTHER, new UnverifiedChunk(1, buffer(2)));
    hashing.add(OTHER, new UnverifiedChunk(3, buffer(4).limit(100)));
    add(hashing, 5, 1);
    batches.getFirst().run();
    assertThat(results).containsExactly("peer 0", "other not 1", "other not 3", "peer 5");
    assertThat(spareLeft()).isEqualTo(SPARE);
  }

  @Test
  void doesNotWaitForSpareBuffersThatWaitForItself() throws Exception {
    ChunkHashing real = hashing(thread);
    prove(real, PEER);
    List<ByteBuffer> elsewhere = new ArrayList<>();
    while (spareLeft() > 2) {
      elsewhere.add(spare.await());
    }
    add(real, 0, 3); // the third finds none
    real.close();
    assertThat(results).containsExactlyInAnyOrder("peer 0", "peer 1", "peer 2");
    elsewhere.forEach(spare::giveBack);
    assertThat(spareLeft()).isEqualTo(SPARE);
  }

  @Test
  void hashesWhatCameBeforeItEndsAndTakesNoMore() throws Exception {
    ChunkHashing real = hashing(thread);
    prove(real, PEER);
    add(real, 0, LANES + 1);
    real.close();
    assertThat(results).hasSize(LANES + 1);
    assertThatThrownBy(() -> add(real, 6, 1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> real.add(OTHER, new UnverifiedChunk(6, buffer(6))))
        .isInstanceOf(IOException.class);
    assertThat(spareLeft()).isEqualTo(SPARE);
    real.close();
  }

  @Test
  void saysThatSomeHaveNoResult() throws Exception {
    Sha256 broken =
        new Sha256() {
          @Override
          public int lanes() {
            return LANES;
          }

          @Override
          public List<byte[]> digests(List<ByteBuffer> messages) {
            throw new IllegalStateException("broken");
          }
        };
    ChunkHashing failing = hashing(broken, batches::add);
    prove(failing, PEER);
    add(failing, 0, LANES);
    batches.getFirst().run();
    assertThat(results).containsExactly("failed: broken");
    failing.close();
    assertThat(spareLeft()).isEqualTo(SPARE);
  }

  @Test
  void losesNoBufferWhenItsThreadsAreGone() throws Exception {
    ChunkHashing late =
        hashing(task -> {
          throw new RejectedExecutionException("closed");
        });
    prove(late, PEER);
    add(late, 0, 2 * LANES);
    late.close();
    assertThat(results).isEmpty();
    assertThat(spareLeft()).isEqualTo(SPARE);
  }
}
