package dev.gvmi.node.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChunkSchedulerTest {
  private static final Geometry GEOMETRY = new Geometry(DigestAlgorithm.SHA3_224, 64L << 20);
  private static final ScheduleLimits LIMITS = ScheduleLimits.DEFAULT;

  private static long now() {
    return 0;
  }

  static PeerId peer() {
    return HostKey.generate(new SecureRandom()).peerId();
  }

  private static BitSet all() {
    BitSet all = new BitSet();
    all.set(0, GEOMETRY.chunkCount());
    return all;
  }

  private static ChunkScheduler scheduler(long seed) {
    return new ChunkScheduler(GEOMETRY, new BitSet(), LIMITS, new Random(seed));
  }

  private static List<Action> join(ChunkScheduler scheduler, PeerId peer, BitSet holds) {
    List<Action> actions = new ArrayList<>(scheduler.on(new Event.Joined(peer), now()));
    actions.addAll(scheduler.on(new Event.Holds(peer, holds), now()));
    return actions;
  }

  @Test
  void aNewPeerIsAskedForLittle() {
    List<Action> actions = join(scheduler(1), peer(), all());
    int asked = actions.stream().mapToInt(a -> a instanceof Action.Request r ? r.count() : 0).sum();
    assertThat(asked).isEqualTo(LIMITS.newPeer());
  }

  @Test
  void aPeerThatDeliversIsAskedForMore() {
    ChunkScheduler scheduler = scheduler(1);
    PeerId peer = peer();
    List<Action.Request> asked = requests(join(scheduler, peer, all()));
    for (int round = 0; round < 20; round++) {
      Action.Request request = asked.removeFirst();
      for (int i = 0; i < request.count(); i++) {
        asked.addAll(requests(scheduler.on(new Event.Stored(peer, request.first() + i), now())));
      }
    }
    assertThat(scheduler.outstanding()).isEqualTo(LIMITS.perPeer());
  }

  @Test
  void aPeerIsAskedForNoMoreThanItsAllowance() {
    ChunkScheduler scheduler = scheduler(1);
    PeerId slow = peer();
    scheduler.on(new Event.Joined(slow), now());
    scheduler.on(new Event.PeerAllowance(slow, 0), now());
    assertThat(scheduler.on(new Event.Holds(slow, all()), now())).isEmpty();

    assertThat(requests(join(scheduler, peer(), all()))).as("others are").isNotEmpty();

    List<Action.Request> asked = requests(scheduler.on(new Event.PeerAllowance(slow, 3), now()));
    int count = 0;
    while (!asked.isEmpty()) {
      Action.Request request = asked.removeFirst();
      assertThat(request.peer()).isEqualTo(slow);
      count += request.count();
      for (int i = 0; i < request.count(); i++) {
        asked.addAll(requests(scheduler.on(new Event.Stored(slow, request.first() + i), now())));
      }
    }
    assertThat(count).isEqualTo(3);
    assertThat(scheduler.allowance(slow)).isZero();

    int before = scheduler.outstanding();
    scheduler.on(new Event.PeerAllowance(slow, Integer.MAX_VALUE), now());
    assertThat(scheduler.outstanding()).isGreaterThan(before + 3);
    assertThat(scheduler.allowance(slow)).isEqualTo(Integer.MAX_VALUE);
  }

  private static List<Action.Request> requests(List<Action> actions) {
    List<Action.Request> requests = new ArrayList<>();
    actions.forEach(action -> {
      if (action instanceof Action.Request request) {
        requests.add(request);
      }
    });
    return requests;
  }

  @Test
  void theRarestSegmentComesFirst() {
    BitSet common = all();
    int rare = 17;
    common.clear(GEOMETRY.firstChunkOf(rare), GEOMETRY.lastChunkOf(rare) + 1);
    ChunkScheduler scheduler = scheduler(5);
    join(scheduler, peer(), common);
    join(scheduler, peer(), common);
    PeerId rich = peer();
    List<Action.Request> asked = requests(join(scheduler, rich, all()));
    int before = 0;
    while (!isOf(rare, asked.getFirst())) {
      before++;
      Action.Request request = asked.removeFirst();
      for (int i = 0; i < request.count(); i++) {
        asked.addAll(requests(scheduler.on(new Event.Stored(rich, request.first() + i), now())));
      }
    }
    // of 64 segments; at most those that were open when it came are before it
    assertThat(before).isLessThan(6);
  }

  private static boolean isOf(int segment, Action.Request request) {
    return request.first() + request.count() > GEOMETRY.firstChunkOf(segment)
        && request.first() <= GEOMETRY.lastChunkOf(segment);
  }

  @Test
  void whatALostPeerOwedIsAskedOfAnother() {
    ChunkScheduler scheduler = scheduler(2);
    BitSet one = new BitSet();
    one.set(3);
    PeerId first = peer();
    PeerId second = peer();
    assertThat(requests(join(scheduler, first, one))).hasSize(1);
    join(scheduler, second, one);
    List<Action> after = scheduler.on(new Event.Left(first), now());
    assertThat(scheduler.outstanding()).isEqualTo(1);
    assertThat(requests(after)).allMatch(r -> r.peer().equals(second));
  }

  @Test
  void aRefusedChunkIsNotAskedOfThatPeerAgain() {
    ChunkScheduler scheduler = scheduler(2);
    BitSet one = new BitSet();
    one.set(3);
    PeerId peer = peer();
    join(scheduler, peer, one);
    assertThat(scheduler.on(new Event.Refused(peer, 3), now())).isEmpty();
    assertThat(scheduler.outstanding()).isZero();
  }

  @Test
  void theLastChunksAreAskedTwiceAndTheSlowerIsCancelled() {
    BitSet most = all();
    most.clear(10);
    ChunkScheduler scheduler = new ChunkScheduler(GEOMETRY, most, LIMITS, new Random(3));
    PeerId slow = peer();
    PeerId fast = peer();
    join(scheduler, slow, all());
    assertThat(requests(join(scheduler, fast, all()))).hasSize(1);
    assertThat(scheduler.on(new Event.Stored(fast, 10), now()))
        .containsExactly(new Action.Cancel(slow, 10));
    assertThat(scheduler.isComplete()).isTrue();
    assertThat(scheduler.outstanding()).isZero();
  }

  /**
   * Peers join, leave, refuse and deliver in random order; what may never happen is checked at each
   * step.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aRandomSwarmCompletes(long seed) {
    Random random = new Random(seed);
    ChunkScheduler scheduler = scheduler(seed);
    Map<PeerId, BitSet> holds = new LinkedHashMap<>();
    List<Owed> owed = new ArrayList<>();
    BitSet stored = new BitSet();
    Set<Owed> refused = new HashSet<>();
    Swarm swarm = new Swarm(scheduler, holds, owed, stored, refused);
    PeerId seeder = peer();
    swarm.join(seeder, all());
    for (int step = 0; step < 20_000 && !scheduler.isComplete(); step++) {
      int choice = random.nextInt(100);
      if (choice < 2 && holds.size() < 8) {
        BitSet some = new BitSet();
        all().stream().filter(c -> random.nextBoolean()).forEach(some::set);
        swarm.join(peer(), some);
      } else if (choice < 3 && holds.size() > 1) {
        swarm.leave(List.copyOf(holds.keySet()).get(1 + random.nextInt(holds.size() - 1)));
      } else if (!owed.isEmpty()) {
        Owed next = owed.remove(random.nextInt(owed.size()));
        swarm.answer(next, choice < 8 && !next.peer.equals(seeder));
      }
      assertThat(scheduler.outstanding()).isBetween(0, LIMITS.inAll()).isEqualTo(owed.size());
    }
    assertThat(scheduler.isComplete()).as("seed %d", seed).isTrue();
  }

  private record Owed(PeerId peer, int chunk) {}

  private record Swarm(
      ChunkScheduler scheduler,
      Map<PeerId, BitSet> holds,
      List<Owed> owed,
      BitSet stored,
      Set<Owed> refused) {
    void join(PeerId peer, BitSet chunks) {
      holds.put(peer, chunks);
      take(scheduler.on(new Event.Joined(peer), now()));
      take(scheduler.on(new Event.Holds(peer, chunks), now()));
    }

    void leave(PeerId peer) {
      holds.remove(peer);
      owed.removeIf(o -> o.peer.equals(peer));
      take(scheduler.on(new Event.Left(peer), now()));
    }

    void answer(Owed answered, boolean refuses) {
      if (refuses) {
        refused.add(answered);
        take(scheduler.on(new Event.Refused(answered.peer, answered.chunk), now()));
      } else {
        stored.set(answered.chunk);
        take(scheduler.on(new Event.Stored(answered.peer, answered.chunk), now()));
      }
    }

    private void take(List<Action> actions) {
      for (Action action : actions) {
        switch (action) {
          case Action.Request request -> {
            for (int i = 0; i < request.count(); i++) {
              Owed asked = new Owed(request.peer(), request.first() + i);
              assertThat(holds.get(asked.peer).get(asked.chunk)).isTrue();
              assertThat(stored.get(asked.chunk)).isFalse();
              assertThat(owed).doesNotContain(asked);
              assertThat(refused).doesNotContain(asked);
              owed.add(asked);
            }
          }
          case Action.Drop drop -> throw new AssertionError("no time has passed: " + drop);
          case Action.Cancel cancel ->
              assertThat(owed.remove(new Owed(cancel.peer(), cancel.chunk()))).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatASourceHandedToNobodyGoesFirst(long seed) {
    ChunkScheduler scheduler = scheduler(seed);
    PeerId peer = peer();
    scheduler.on(new Event.Joined(peer), now());
    BitSet handed = all();
    handed.clear(100, 130);
    scheduler.on(new Event.Handed(peer, handed), now());
    List<Action.Request> asked = requests(scheduler.on(new Event.Holds(peer, all()), now()));
    BitSet ordered = new BitSet();
    while (!asked.isEmpty() && ordered.cardinality() < 30) {
      Action.Request request = asked.removeFirst();
      ordered.set(request.first(), request.first() + request.count());
      for (int i = 0; i < request.count(); i++) {
        asked.addAll(requests(scheduler.on(new Event.Stored(peer, request.first() + i), now())));
      }
    }
    assertThat(ordered.nextSetBit(0)).isEqualTo(100);
    assertThat(ordered.nextClearBit(100)).isEqualTo(130);
    assertThat(ordered.length()).isEqualTo(130);
  }

  @Test
  void whatWasHandedIsAskedForWhenNothingElseIsLeft() {
    ChunkScheduler scheduler = scheduler(1);
    PeerId peer = peer();
    scheduler.on(new Event.Joined(peer), now());
    scheduler.on(new Event.Handed(peer, all()), now());
    assertThat(requests(scheduler.on(new Event.Holds(peer, all()), now()))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void inACrowdTwoDoNotGoOnWithTheSameSegment(long seed) {
    ChunkScheduler one = scheduler(seed);
    ChunkScheduler two = scheduler(seed + 100);
    PeerId peer = peer();
    PeerId other = peer();
    BitSet begun = new BitSet();
    begun.set(8);
    BitSet toOther = new BitSet();
    toOther.set(8, 9);
    for (ChunkScheduler scheduler : List.of(one, two)) {
      join(scheduler, other, begun);
      scheduler.on(new Event.Stored(other, 8), now());
      scheduler.on(new Event.Joined(peer), now());
      scheduler.on(new Event.Handed(peer, toOther), now());
    }
    int first = requests(one.on(new Event.Holds(peer, all()), now())).getFirst().first();
    int second = requests(two.on(new Event.Holds(peer, all()), now())).getFirst().first();
    assertThat(Math.abs(first - second)).isGreaterThan(LIMITS.perRequest());
  }

  @Test
  void whatAPeerGainsIsAskedOfIt() {
    ChunkScheduler scheduler = scheduler(1);
    PeerId peer = peer();
    scheduler.on(new Event.Joined(peer), now());
    BitSet gained = new BitSet();
    gained.set(7);
    gained.set(GEOMETRY.chunkCount() + 5);
    assertThat(scheduler.on(new Event.Gained(peer, gained), now()))
        .containsExactly(new Action.Request(peer, 7, 1));
  }
}
