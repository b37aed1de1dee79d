package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.wire.HaveUpdate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers that name a manifest and do not show it, or show something else. The liar is named by the
 * user, so that it is always asked first; the honest peer is connected only.
 */
@Timeout(120)
final class HostileManifestsIT {
  private static final int MIB = 1 << 20;
  private static final int MAX_MESSAGE = 65_536;
  private static final TestImage IMAGE = TestImage.random(MIB + 12_345, 8);
  private static final Lie LIE = Lie.random(IMAGE, 2 * MIB, 1);

  @TempDir Path folder;
  private TestSwarm swarm;
  private final CountDownLatch over = new CountDownLatch(1);

  @BeforeEach
  void begin() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void end() throws Exception {
    over.countDown();
    swarm.end();
  }

  /**
   * The image comes whole from the honest peer; the liar was asked once to show its manifest, and
   * for no chunk.
   */
  private void assertLieCostsOneQuestion(FakePeer liar) throws Exception {
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(honest);
    FetchOutcome outcome = fetcher.prefetch(IMAGE.id(), liar);
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    FetchOutcome.Complete done = (FetchOutcome.Complete) outcome;
    assertThat(Files.readAllBytes(done.image().file())).isEqualTo(IMAGE.bytes());
    assertThat(done.sourceBytes()).containsOnlyKeys(honest.id());
    assertThat(done.wastedBytes()).isZero();
    assertThat(liar.shown()).isEqualTo(1);
    assertThat(liar.sentBytes()).isZero();
    assertThat(honest.shown()).isEqualTo(1);
    assertThat(fetcher.notes().falseManifests()).isZero();
  }

  private FakePeer liar() throws IOException {
    return swarm.liar("127.2.0.1", LIE);
  }

  @Test
  void vouchesAndThenRefusesTheManifest() throws Exception {
    assertLieCostsOneQuestion(liar().showing((stream, ask) -> FakePeer.refuse(stream)));
  }

  @Test
  void showsTheManifestOfAnotherImage() throws Exception {
    TestImage other = TestImage.random(2 * MIB, 9);
    FakePeer liar = liar();
    assertLieCostsOneQuestion(liar.showing(liar.bytes(other.manifest().bytes())));
  }

  @Test
  void showsOtherBytesThanTheIdSays() throws Exception {
    FakePeer liar = liar();
    assertLieCostsOneQuestion(
        liar.showing(liar.bytes(Lie.random(IMAGE, 2 * MIB, 2).manifest().bytes())));
  }

  @Test
  void namesAnotherIdWhenItIsToShowTheManifest() throws Exception {
    Manifest another = Lie.random(IMAGE, 2 * MIB, 2).manifest();
    assertLieCostsOneQuestion(
        liar()
            .showing((stream, ask) -> {
              FakePeer.answer(stream, another.id(), another.bytes().remaining(), true);
              stream.write(another.bytes());
            }));
  }

  @Test
  void saysAShorterLength() throws Exception {
    FakePeer liar = liar();
    ByteBuffer cut = LIE.manifest().bytes();
    assertLieCostsOneQuestion(liar.showing(liar.bytes(cut.limit(cut.limit() - 1))));
  }

  @Test
  void saysALongerLengthAndSendsIt() throws Exception {
    FakePeer liar = liar();
    ByteBuffer longer = ByteBuffer.allocate(LIE.manifest().bytes().remaining() + 1);
    longer.put(LIE.manifest().bytes()).clear();
    assertLieCostsOneQuestion(liar.showing(liar.bytes(longer)));
  }

  @Test
  void endsBeforeTheLengthItSaid() throws Exception {
    assertLieCostsOneQuestion(
        liar()
            .showing((stream, ask) -> {
              ByteBuffer all = LIE.manifest().bytes();
              FakePeer.answer(stream, LIE.manifest().id(), all.remaining(), true);
              stream.write(all.limit(all.limit() - 1));
            }));
  }

  /** The head says how long the rest is: nobody waits for 16 MiB that no image of that size has. */
  @Test
  void announcesSixteenMebibytesForAShortManifest() throws Exception {
    assertLieCostsOneQuestion(
        liar()
            .showing((stream, ask) -> {
              FakePeer.answer(stream, LIE.manifest().id(), Manifest.MAX_BYTES, true);
              stream.write(LIE.manifest().bytes());
              rest();
            }));
  }

  @Test
  void announcesSixteenMebibytesAndTrickles() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    assertLieCostsOneQuestion(
        liar()
            .naming(
                LIE.manifest().id(),
                Manifest.MAX_BYTES,
                (stream, ask) -> {
                  FakePeer.answer(stream, LIE.manifest().id(), Manifest.MAX_BYTES, true);
                  while (over.getCount() > 0) {
                    stream.write(LIE.manifest().bytes().limit(1));
                    stream.flush();
                    sent.incrementAndGet();
                    rest(100);
                  }
                }));
    assertThat(sent.get()).isLessThan(Manifest.HEAD_BYTES);
  }

  @Test
  void namesAManifestLongerThanAnyMayBe() throws Exception {
    FakePeer liar =
        liar().naming(LIE.manifest().id(), Manifest.MAX_BYTES + 1L, (stream, ask) -> {});
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(honest);
    assertThat(fetcher.prefetch(IMAGE.id(), liar)).isInstanceOf(FetchOutcome.Complete.class);
    assertThat(liar.shown()).isZero();
    assertThat(liar.sentBytes()).isZero();
  }

  /** Names and shows the true manifest, but holds the image under another one. */
  @Test
  void changesItsIdBetweenManifestAndHave() throws Exception {
    FakePeer liar = swarm.liar("127.2.0.1", new Lie(IMAGE.manifest(), LIE.source()));
    AtomicInteger haves = new AtomicInteger();
    liar.host().handle(Protocols.HAVE, stream -> sayHave(stream, haves));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(honest);
    FetchOutcome outcome = fetcher.prefetch(IMAGE.id(), liar);
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    assertThat(((FetchOutcome.Complete) outcome).sourceBytes()).containsOnlyKeys(honest.id());
    assertThat(haves.get()).isPositive();
    assertThat(liar.sentBytes()).isZero();
  }

  /** Alone it is not asked for ever, however often it comes back. */
  @Test
  void aloneAPeerThatChangesItsIdIsGivenUp() throws Exception {
    FakePeer liar = swarm.liar("127.2.0.1", new Lie(IMAGE.manifest(), LIE.source()));
    AtomicInteger haves = new AtomicInteger();
    liar.host().handle(Protocols.HAVE, stream -> sayHave(stream, haves));
    Fetcher fetcher = swarm.fetcher();
    FetchOutcome outcome = fetcher.prefetch(IMAGE.id(), liar);
    assertThat(outcome).isInstanceOf(FetchOutcome.Incomplete.class);
    assertThat(haves.get()).isLessThan(10);
    assertThat(liar.sentBytes()).isZero();
    assertThat(fetcher.store().images()).isEmpty();
  }

  private static void sayHave(Stream stream, AtomicInteger count) throws IOException {
    HaveUpdate.decode(LengthPrefixed.read(stream, MAX_MESSAGE));
    count.incrementAndGet();
    HaveUpdate other =
        new HaveUpdate(
            Optional.of(IMAGE.id()),
            Optional.of(LIE.manifest().id()),
            true,
            0,
            new byte[0],
            List.of(),
            List.of(),
            List.of());
    LengthPrefixed.write(stream, other.encode());
    stream.closeWrite();
  }

  private void rest() {
    rest(TimeUnit.HOURS.toMillis(1));
  }

  private void rest(long millis) {
    try {
      over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
