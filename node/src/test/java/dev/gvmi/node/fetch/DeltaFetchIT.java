package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What other images hold is not fetched; and what a lie about it costs. Real stores and sockets.
 */
@Timeout(120)
final class DeltaFetchIT {
  private static final int MIB = 1 << 20;
  private static final TestImage V1 = TestImage.random(12 * MIB, 1);

  /** V1 with 1,000 bytes put in behind the first 5 MiB. */
  private static final TestImage V2 = TestImage.of(inserted(V1.bytes(), 5 * MIB, 1000));

  private static final int SIZE = V2.bytes().length;

  @TempDir Path folder;
  private TestSwarm swarm;

  @BeforeEach
  void begin() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void end() throws Exception {
    swarm.end();
  }

  private static byte[] inserted(byte[] bytes, int at, int count) {
    byte[] longer = new byte[bytes.length + count];
    System.arraycopy(bytes, 0, longer, 0, at);
    Arrays.fill(longer, at, at + count, (byte) 7);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    return longer;
  }

  private static Fetcher holding(Fetcher fetcher, TestImage image) throws Exception {
    image.into(fetcher.store());
    assertThat(fetcher.store().deltas().put(image.delta())).isTrue();
    return fetcher;
  }

  private static FetchOutcome.Complete assertWhole(FetchOutcome outcome) throws Exception {
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    FetchOutcome.Complete complete = (FetchOutcome.Complete) outcome;
    assertThat(Files.readAllBytes(complete.image().file())).isEqualTo(V2.bytes());
    assertThat(complete.image().manifest()).isEqualTo(V2.manifest());
    return complete;
  }

  private static long fetched(FetchOutcome.Complete complete) {
    return complete.sourceBytes().values().stream().mapToLong(Long::longValue).sum();
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).clear();
  }

  @Test
  void onlyWhatChangedCrossesTheNetwork() throws Exception {
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(V2.delta().bytes());
    Fetcher fetcher = holding(swarm.fetcher(), V1);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(V2.id(), peer));
    assertThat(fetched(done)).isPositive().isLessThan(SIZE / 8);
    assertThat(peer.sentBytes()).isEqualTo(fetched(done));
    assertThat(done.wastedBytes()).isZero();
    assertThat(fetcher.notes().lines)
        .anyMatch(line -> line.contains("were already here in other images"));
  }

  @Test
  void withNothingHeldNobodyIsAskedForADeltaIndex() throws Exception {
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(V2.delta().bytes());
    FetchOutcome.Complete done = assertWhole(swarm.fetcher().prefetch(V2.id(), peer));
    assertThat(peer.askedDelta()).isZero();
    assertThat(fetched(done)).isEqualTo(SIZE);
  }

  @Test
  void aHolderWithoutOneIsFetchedFromAsUsual() throws Exception {
    FakePeer peer = swarm.honest("127.1.0.1", V2);
    FetchOutcome.Complete done = assertWhole(holding(swarm.fetcher(), V1).prefetch(V2.id(), peer));
    assertThat(peer.askedDelta()).isEqualTo(1);
    assertThat(fetched(done)).isEqualTo(SIZE);
  }

  @Test
  void theNextHolderIsAskedWhenOneHasNoneOrDoesNotAnswer() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakePeer silent =
        swarm
            .honest("127.2.0.1", V2)
            .delta((stream, ask) -> {
              try {
                over.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    FakePeer without = swarm.honest("127.3.0.1", V2);
    FakePeer good = swarm.honest("127.4.0.1", V2).delta(V2.delta().bytes());
    assertWhole(holding(swarm.fetcher(), V1).prefetch(V2.id(), silent, without, good));
    over.countDown();
    assertThat(good.askedDelta()).isEqualTo(1);
  }

  @Test
  void aHolderThatDoesNotAnswerDelaysTheFetchByTheDeadlineOnly() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakePeer silent =
        swarm
            .honest("127.2.0.1", V2)
            .delta((stream, ask) -> {
              try {
                over.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    long start = System.nanoTime();
    FetchOutcome.Complete done =
        assertWhole(holding(swarm.fetcher(), V1).prefetch(V2.id(), silent));
    over.countDown();
    assertThat(fetched(done)).isEqualTo(SIZE);
    assertThat(System.nanoTime() - start)
        .isBetween(DeltaSearch.DEADLINE.toNanos(), DeltaSearch.DEADLINE.plusSeconds(10).toNanos());
  }

  @ParameterizedTest
  @ValueSource(strings = {"of another image", "cut", "absurd lengths", "too long", "noise"})
  void whatIsNoDeltaIndexOfTheImageCostsNothingAndNobodyIsBlamed(String lie) throws Exception {
    ByteBuffer bytes = copy(V2.delta().bytes());
    ByteBuffer shown =
        switch (lie) {
          case "of another image" -> copy(V1.delta().bytes());
          case "cut" -> copy(bytes.limit(bytes.limit() - 20));
          case "absurd lengths" -> bytes.putInt(18 + 28, Integer.MAX_VALUE);
          case "too long" -> ByteBuffer.allocate(1 << 24).put(bytes).clear();
          default -> ByteBuffer.allocate(bytes.capacity());
        };
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(shown);
    FetchOutcome.Complete done = assertWhole(holding(swarm.fetcher(), V1).prefetch(V2.id(), peer));
    assertThat(fetched(done)).isEqualTo(SIZE);
    assertThat(done.wastedBytes()).isZero();
    assertThat(done.sourceBytes()).containsOnlyKeys(peer.id());
  }

  /**
   * All spans are found, and all are wrong: each has the id of another of the same length of V1.
   */
  @Test
  void spansThatAreFoundAndHashWrongAreFetchedAndNobodyIsBlamed() throws Exception {
    byte[] zeros = new byte[SIZE];
    TestImage held = TestImage.of(zeros);
    // spans of zeros have the most bytes, but for the last
    ByteBuffer lie = copy(V2.delta().bytes());
    Iterator<Span> spans = held.delta().iterator();
    ByteBuffer all = ByteBuffer.allocate(18 + 28 + 20 * held.delta().spanCount());
    all.put(lie.limit(18 + 28));
    while (spans.hasNext()) {
      Span span = spans.next();
      all.putInt(span.lengthBytes());
      span.id().write(all);
    }
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(DeltaIndex.parse(all.flip()).bytes());
    FetchOutcome.Complete done =
        assertWhole(holding(swarm.fetcher(), held).prefetch(V2.id(), peer));
    assertThat(peer.askedDelta()).isEqualTo(1);
    assertThat(fetched(done)).isEqualTo(SIZE);
    assertThat(done.wastedBytes()).isZero();
    assertThat(done.sourceBytes()).containsOnlyKeys(peer.id());
  }

  @Test
  void onlySomeSpansOfALieBeingWrongCostOnlyThose() throws Exception {
    ByteBuffer lie = copy(V2.delta().bytes());
    Span first = V2.delta().iterator().next();
    SpanId unknown = new SpanId(1, 2);
    lie.position(18 + 28 + 4);
    unknown.write(lie);
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(lie.clear());
    FetchOutcome.Complete done = assertWhole(holding(swarm.fetcher(), V1).prefetch(V2.id(), peer));
    long chunksOfFirst = 1 + (first.endBytes() - 1) / Geometry.CHUNK_BYTES;
    assertThat(fetched(done)).isLessThan(SIZE / 8 + chunksOfFirst * Geometry.CHUNK_BYTES);
  }

  @Test
  void bytesThatChangedOnTheDiskAreNotTaken() throws Exception {
    FakePeer peer = swarm.honest("127.1.0.1", V2).delta(V2.delta().bytes());
    Fetcher fetcher = swarm.fetcher();
    // what is held is not what its spans say
    byte[] other = V1.bytes();
    for (int at = 0; at < other.length; at += 100_000) {
      other[at] ^= 1;
    }
    TestImage held = TestImage.of(other);
    held.into(fetcher.store());
    ByteBuffer spans = copy(V1.delta().bytes());
    spans.put(10, held.id().digest());
    fetcher.store().deltas().put(DeltaIndex.parse(spans));
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(V2.id(), peer));
    assertThat(fetched(done)).isEqualTo(SIZE);
    assertThat(done.wastedBytes()).isZero();
  }
}
