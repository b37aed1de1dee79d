package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.Node;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.swarm.Blame;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that lie about manifests and chunks, on real sockets; and what each lie costs. */
@Timeout(120)
final class LyingPeersIT {
  private static final int MIB = 1 << 20;
  private static final TestImage IMAGE = TestImage.random(3 * MIB + 12_345, 7);
  private static final int SIZE = IMAGE.bytes().length;

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

  private static FetchOutcome.Complete assertWhole(FetchOutcome outcome) throws IOException {
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    FetchOutcome.Complete complete = (FetchOutcome.Complete) outcome;
    assertThat(Files.readAllBytes(complete.image().file())).isEqualTo(IMAGE.bytes());
    assertThat(complete.image().manifest()).isEqualTo(IMAGE.manifest());
    long fetched = complete.sourceBytes().values().stream().mapToLong(Long::longValue).sum();
    assertThat(fetched).isEqualTo(SIZE);
    return complete;
  }

  private static void assertNothingIsKept(Fetcher fetcher) {
    assertThat(fetcher.store().images()).isEmpty();
    assertThat(fetcher.store().partials()).isEmpty();
  }

  private static void assertCostOnlyAsking(FakePeer liar) {
    assertThat(liar.asked()).isPositive();
    assertThat(liar.shown()).isZero();
    assertThat(liar.sentBytes()).isZero();
  }

  /** A lie that two groups vouch for is tried before the truth of one. */
  private FakePeer liarInFront(Lie lie) throws IOException {
    return swarm.liar("127.2.0.1", lie);
  }

  /**
   * With an accomplice of the liar. Whichever of the two is asked, their manifest is shown once.
   */
  private FetchOutcome fetchBehind(Fetcher fetcher, FakePeer liar, FakePeer honest)
      throws Exception {
    FakePeer accomplice = accomplice(liar);
    fetcher.connect(liar, accomplice, honest);
    FetchOutcome outcome = fetcher.prefetch(IMAGE.id());
    assertThat(liar.shown() + accomplice.shown()).isEqualTo(1);
    assertThat(accomplice.sentBytes()).isZero();
    return outcome;
  }

  private FakePeer accomplice(FakePeer liar) throws IOException {
    return swarm.accomplice("127.3.0.1", new Lie(liar.manifest(), Lie.NOTHING));
  }

  // ---- false manifests, tried to the end ----

  @Test
  void aFalseChunkListCostsOneTry() throws Exception {
    FakePeer liar = liarInFront(Lie.random(IMAGE, SIZE, 1));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    FetchOutcome.Complete done = assertWhole(fetchBehind(fetcher, liar, honest));
    assertThat(liar.sentBytes()).isEqualTo(SIZE);
    assertThat(honest.shown()).isEqualTo(1);
    assertThat(honest.sentBytes()).isEqualTo(SIZE);
    assertThat(done.sourceBytes()).containsOnlyKeys(honest.id());
    assertThat(done.wastedBytes()).isEqualTo(SIZE);
    assertThat(fetcher.notes().falseManifests()).isEqualTo(1);
  }

  @Test
  void chunksThatTheNextManifestNamesAlikeAreNotFetchedAgain() throws Exception {
    int false5 = IMAGE.manifest().geometry().chunkLength(5);
    FakePeer liar = liarInFront(Lie.flipped(IMAGE, 5));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    FetchOutcome.Complete done = assertWhole(fetchBehind(swarm.fetcher(), liar, honest));
    assertThat(liar.sentBytes()).isEqualTo(SIZE);
    assertThat(honest.sentBytes()).isEqualTo(false5);
    assertThat(done.wastedBytes()).isEqualTo(false5);
    assertThat(done.sourceBytes()).containsEntry(liar.id(), (long) SIZE - false5);
  }

  @Test
  void falseCheckpointsCostNoByteAndTheTrueManifestIsStoredAndServed() throws Exception {
    FakePeer liar =
        liarInFront(new Lie(IMAGE.withFalseCheckpoint(), MemoryImageStore.honest(IMAGE.bytes())));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    FetchOutcome.Complete done = assertWhole(fetchBehind(fetcher, liar, honest));
    assertThat(done.wastedBytes()).isZero();
    assertCostOnlyAsking(honest);
    ManifestClient.Held served =
        ManifestClient.ask(liar.host(), fetcher.host().id(), IMAGE.id()).orElseThrow();
    assertThat(served.manifest()).isEqualTo(IMAGE.manifest().id());
    assertThat(served.complete()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {SIZE_LESS_1, SIZE_MORE_1, MIB, 2 * MIB + 1, 4 * MIB, 6 * MIB + 5})
  void aFalseSizeCostsOneTryAndOnlyWhatIsFalseIsFetchedAgain(int claimed) throws Exception {
    Lie lie = Lie.resized(IMAGE, claimed);
    FakePeer liar = liarInFront(lie);
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    assertWhole(fetchBehind(fetcher, liar, honest));
    assertThat(liar.sentBytes()).isEqualTo(claimed);
    assertThat(honest.sentBytes()).isEqualTo(lie.differingBytes(IMAGE, lie.bytes()));
    assertThat(fetcher.notes().falseManifests()).isEqualTo(1);
  }

  private static final int SIZE_LESS_1 = 3 * MIB + 12_344;
  private static final int SIZE_MORE_1 = 3 * MIB + 12_346;

  // ---- votes ----

  @Test
  void theRightOneOfOneCompleteHolderBeatsTheFalseOneOfThreePartialHolders() throws Exception {
    Lie lie = Lie.random(IMAGE, SIZE / 2, 1);
    FakePeer[] liars = new FakePeer[3];
    for (int i = 0; i < 3; i++) {
      liars[i] = swarm.liar("127." + (i + 2) + ".0.1", lie).partial();
    }
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liars);
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    fetcher.connect(honest);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    Stream.of(liars).forEach(LyingPeersIT::assertCostOnlyAsking);
    assertThat(done.wastedBytes()).isZero();
    assertThat(done.sourceBytes()).containsOnlyKeys(honest.id());
  }

  @Test
  void threeCompleteLiarsInOneGroupHaveOneVote() throws Exception {
    Lie lie = Lie.random(IMAGE, SIZE + 2 * MIB, 1);
    FakePeer[] liars = new FakePeer[3];
    for (int i = 0; i < 3; i++) {
      liars[i] = swarm.liar("127.2.0." + (i + 1), lie);
    }
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liars);
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    fetcher.connect(honest);
    assertWhole(fetcher.prefetch(IMAGE.id()));
    // believed alike, the larger one is not tried
    Stream.of(liars).forEach(LyingPeersIT::assertCostOnlyAsking);
  }

  @Test
  void threeCompleteLiarsInThreeGroupsCostOneTryTogether() throws Exception {
    Lie lie = Lie.random(IMAGE, SIZE, 1);
    FakePeer[] liars = {
      swarm.liar("127.2.0.1", lie),
      swarm.accomplice("127.3.0.1", lie),
      swarm.accomplice("127.4.0.1", lie)
    };
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liars);
    fetcher.connect(honest);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(Stream.of(liars).mapToInt(FakePeer::shown).sum()).isEqualTo(1);
    assertThat(liars[0].sentBytes()).isEqualTo(SIZE);
    assertThat(done.wastedBytes()).isEqualTo(SIZE);
    assertThat(fetcher.notes().falseManifests()).isEqualTo(1);
  }

  @Test
  void twoDifferentLiesCostOneTryEach() throws Exception {
    FakePeer one = swarm.liar("127.2.0.1", Lie.random(IMAGE, MIB, 1));
    FakePeer two = swarm.liar("127.3.0.1", Lie.random(IMAGE, 2 * MIB, 2));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(one, two, honest);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(one.shown()).isEqualTo(1);
    assertThat(one.sentBytes()).isEqualTo(MIB);
    assertThat(two.shown()).isEqualTo(1);
    assertThat(two.sentBytes()).isEqualTo(2 * MIB);
    assertThat(honest.shown()).isEqualTo(1);
    assertThat(done.wastedBytes()).isEqualTo(3 * MIB);
  }

  @Test
  void aNamedPeerOutranksThreeGroups() throws Exception {
    Lie lie = Lie.random(IMAGE, MIB, 1);
    FakePeer[] liars = new FakePeer[3];
    for (int i = 0; i < 3; i++) {
      liars[i] = swarm.liar("127." + (i + 2) + ".0.1", lie);
    }
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liars);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id(), honest));
    for (FakePeer liar : liars) {
      assertThat(liar.shown()).isZero();
      assertThat(liar.sentBytes()).isZero();
    }
    assertThat(done.wastedBytes()).isZero();
  }

  @Test
  void whoProvedHonestBeforeOutranksThreeGroups() throws Exception {
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(honest);
    assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(honest.shown()).isEqualTo(1);
    fetcher.store().remove(IMAGE.id());

    Lie lie = Lie.random(IMAGE, MIB, 1);
    for (int i = 0; i < 3; i++) {
      fetcher.connect(swarm.liar("127." + (i + 2) + ".0.1", lie));
    }
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(done.wastedBytes()).isZero();
    assertThat(fetcher.notes().falseManifests()).isZero();
  }

  @Test
  void anIdThatOnlyOneVouchesForIsTried() throws Exception {
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(honest);
    assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(honest.asked()).isEqualTo(1);
    assertThat(honest.shown()).isEqualTo(1);
    assertThat(honest.sentBytes()).isEqualTo(SIZE);
  }

  // ---- all lie ----

  @Test
  void whenAllLieNothingIsKeptAndAFourthLieIsNotTried() throws Exception {
    FakePeer[] liars = new FakePeer[4];
    for (int i = 0; i < 4; i++) {
      liars[i] = swarm.liar("127." + (i + 2) + ".0.1", Lie.random(IMAGE, (i + 1) * MIB, i));
    }
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liars);
    FetchOutcome outcome = fetcher.prefetch(IMAGE.id());
    assertThat(outcome).isInstanceOf(FetchOutcome.VerificationFailed.class);
    assertNothingIsKept(fetcher);
    for (int i = 0; i < 3; i++) {
      assertThat(liars[i].shown()).isEqualTo(1);
      assertThat(liars[i].sentBytes()).isEqualTo((i + 1) * MIB);
    }
    assertCostOnlyAsking(liars[3]);

    // what is known to be false is not tried again: nothing is left to ask of them
    fetcher.prefetch(IMAGE.id());
    for (int i = 0; i < 3; i++) {
      assertThat(liars[i].shown()).isEqualTo(1);
    }
  }

  @Test
  void whenAllLieANodePlacesNothing() throws Exception {
    Lie lie = Lie.random(IMAGE, SIZE, 1);
    FakePeer liar = swarm.liar("127.2.0.1", lie);
    Path cache = Files.createDirectory(folder.resolve("cache"));
    NodeConfig config = new NodeConfig(folder.resolve("data"), List.of(), cache, "test/1");
    try (Node node = Node.open(config)) {
      NodeService.PrefetchResult result =
          node.service()
              .prefetch(
                  new NodeService.PrefetchRequest(
                      IMAGE.id().hex(), List.of(liar.address().toString()), null, null, null),
                  progress -> {});
      assertThat(result.outcome()).isEqualTo(NodeService.Outcome.VERIFICATION_FAILED);
      assertThat(result.path()).isNull();
      assertThat(result.placed()).isNull();
      assertThat(node.service().list()).isEmpty();
    }
    try (Stream<Path> placed = Files.list(cache)) {
      assertThat(placed).isEmpty();
    }
  }

  // ---- sizes that do not fit ----

  @Test
  void aHugeSizeBesideAnHonestPeerCostsItsManifest() throws Exception {
    FakePeer liar = liarInFront(Lie.huge(IMAGE, 60L << 30));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher(() -> 40L * MIB);
    FetchOutcome.Complete done = assertWhole(fetchBehind(fetcher, liar, honest));
    assertThat(liar.sentBytes()).isZero();
    assertThat(done.wastedBytes()).isZero();
  }

  @Test
  void aSizeThatDoesNotFitFailsBeforeAChunkIsAskedFor() throws Exception {
    FakePeer large = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher(() -> SIZE - 1L);
    assertThatThrownBy(() -> fetcher.prefetch(IMAGE.id(), large))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.NO_SPACE))
        .hasMessageContaining(SIZE + " bytes")
        .hasMessageContaining("free some space");
    assertThat(large.sentBytes()).isZero();
    assertNothingIsKept(fetcher);
  }

  /**
   * There is room for what it claims, but nothing comes: no file grows, and the fetch goes on with
   * the next.
   */
  @Test
  void aHugeSizeOfWhichNothingComesTakesNoRoomAndIsLeft() throws Exception {
    long[] longest = new long[1];
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    FakePeer liar =
        new FakePeer(
            swarm.host("127.2.0.1"),
            Lie.huge(IMAGE, 60L << 30).manifest(),
            (offset, target) -> {
              longest[0] = Math.max(longest[0], partialFileBytes(fetcher));
              Lie.NOTHING.read(offset, target);
            });
    // its manifest has 8 MB: of whom it is slow to come, the other is asked, too
    FakePeer accomplice = accomplice(liar);
    fetcher.connect(liar, accomplice, honest);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(liar.asked()).isPositive();
    assertThat(liar.shown() + accomplice.shown()).isBetween(1, 2);
    assertThat(accomplice.sentBytes()).isZero();
    assertThat(longest[0]).isZero();
    assertThat(liar.sentBytes()).isZero();
    assertThat(done.wastedBytes()).isZero();
  }

  private static long partialFileBytes(Fetcher fetcher) {
    return fetcher
        .dataDir()
        .resolve("partial")
        .resolve(IMAGE.id().hex() + ".part")
        .toFile()
        .length();
  }

  // ---- wrong bytes ----

  @Test
  void wrongBytesBanThePeerAtOnceAndTheChunkComesFromElsewhere() throws Exception {
    FakePeer liar =
        new FakePeer(
            swarm.host("127.2.0.1"),
            IMAGE.manifest(),
            (offset, target) -> target.position(target.limit()));
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    Fetcher fetcher = swarm.fetcher();
    fetcher.connect(liar, honest);
    FetchOutcome.Complete done = assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(done.sourceBytes()).containsOnlyKeys(honest.id());
    assertThat(done.wastedBytes()).isLessThanOrEqualTo(Geometry.CHUNK_BYTES);
    assertThat(liar.sentBytes())
        .isLessThanOrEqualTo((long) ScheduleLimits.DEFAULT.newPeer() * Geometry.CHUNK_BYTES);
    assertThat(liar.asked()).isEqualTo(1);
    assertThat(fetcher.prefetcher().blame())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.peer()).hasToString(liar.id());
          assertThat(entry.image()).isEqualTo(IMAGE.id());
          assertThat(entry.offence()).isEqualTo(Blame.Offence.WRONG_BYTES);
        });

    // banned for this image: not even asked in the next fetch, unless the user names it
    fetcher.store().remove(IMAGE.id());
    assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(liar.asked()).isEqualTo(1);
  }

  @Test
  void threeLiarsOfOneGroupBanTheGroup() throws Exception {
    Fetcher fetcher = swarm.fetcher();
    FakePeer honest = swarm.honest("127.1.0.1", IMAGE);
    for (int i = 1; i <= 3; i++) {
      FakePeer liar =
          new FakePeer(
              swarm.host("127.2.0." + i),
              IMAGE.manifest(),
              (offset, target) -> target.position(target.limit()));
      fetcher.connect(liar);
      FetchOutcome outcome = fetcher.prefetch(IMAGE.id());
      assertThat(outcome).isInstanceOf(FetchOutcome.Incomplete.class);
    }
    FakePeer neighbour = swarm.honest("127.2.0.4", IMAGE);
    fetcher.connect(neighbour, honest);
    assertWhole(fetcher.prefetch(IMAGE.id()));
    assertThat(neighbour.asked()).isZero();
    assertThat(neighbour.sentBytes()).isZero();
    fetcher.store().remove(IMAGE.id());
    assertWhole(fetcher.prefetch(IMAGE.id(), neighbour));
    assertThat(neighbour.asked()).isPositive();
  }
}
