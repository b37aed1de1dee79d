package dev.gvmi.node.cache.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.cache.rules.Refusal.Cause;
import dev.gvmi.protocol.image.ImageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private static final Quota QUOTA = new Quota(1000);
  private static final long DISK = 1 << 20;

  private static ImageId id(int n) {
    return ImageId.parseHex(String.format("%056x", n));
  }

  private static CacheItem item(int n, long bytes, int usedAt) {
    return new CacheItem(id(n), bytes, true, false, false, false, Instant.ofEpochSecond(usedAt));
  }

  private static CacheItem pinned(int n, long bytes, int usedAt) {
    return new CacheItem(id(n), bytes, true, true, false, false, Instant.ofEpochSecond(usedAt));
  }

  private static CacheItem lastCopy(int n, long bytes, int usedAt) {
    return new CacheItem(id(n), bytes, true, false, false, true, Instant.ofEpochSecond(usedAt));
  }

  private static CacheItem partial(int n, long bytes) {
    return new CacheItem(id(n), bytes, false, false, false, false, Instant.EPOCH);
  }

  private static Claim fetch(int n, long bytes) {
    return new Claim(n, id(n), bytes, true);
  }

  private static Claim unconfirmed(int n, long bytes) {
    return new Claim(n, id(n), bytes, false);
  }

  private static Claim file(long bytes) {
    return new Claim(99, null, bytes, true);
  }

  private static Occupancy held(CacheItem... items) {
    return new Occupancy(QUOTA, DISK, List.of(items), List.of());
  }

  private static Occupancy with(Occupancy now, Claim... claims) {
    return new Occupancy(now.quota(), now.freeBytes(), now.items(), List.of(claims));
  }

  private static List<ImageId> victims(Decision decision) {
    return decision instanceof Decision.Evict evict
        ? evict.victims().stream().map(CacheItem::image).toList()
        : List.of();
  }

  private static void assertGranted(Decision decision) {
    assertThat(decision).isEqualTo(new Decision.Granted(List.of()));
  }

  private static Refusal refusal(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Refused.class);
    return ((Decision.Refused) decision).refusal();
  }

  @Test
  void grantsUpToTheHighWatermark() {
    assertGranted(Admission.decide(held(item(1, 500, 1)), fetch(2, 450)));
    assertThat(victims(Admission.decide(held(item(1, 500, 1)), fetch(2, 451))))
        .containsExactly(id(1));
  }

  @Test
  void evictsTheLeastRecentlyUsedDownToTheLowWatermark() {
    Occupancy now = held(item(1, 300, 30), item(2, 300, 10), item(3, 300, 20));
    assertThat(victims(Admission.decide(now, file(100)))).containsExactly(id(2));
    assertThat(victims(Admission.decide(now, file(300)))).containsExactly(id(2), id(3));
  }

  @Test
  void whereTheLowWatermarkCannotBeReachedItEvictsAsLittleAsMakesItFit() {
    Occupancy now = held(item(1, 100, 1), item(2, 100, 2), pinned(3, 700, 0));
    assertThat(victims(Admission.decide(now, file(200)))).containsExactly(id(1));
  }

  @Test
  void neitherPinnedNorLeasedImagesAreEvicted() {
    Occupancy now = held(pinned(1, 300, 1), item(2, 300, 2).inUse(), item(3, 300, 3));
    assertThat(victims(Admission.decide(now, file(200)))).containsExactly(id(3));
  }

  @Test
  void anImageThatIsBeingFetchedIsNotEvicted() {
    Occupancy now = with(held(partial(1, 300), item(2, 600, 5)), fetch(1, 300));
    assertThat(victims(Admission.decide(now, file(200)))).containsExactly(id(2));
  }

  @Test
  void whatAnEarlierFetchLeftIsNotEvictedForTheNextOne() {
    Occupancy now = held(partial(1, 400), item(2, 500, 5));
    assertThat(victims(Admission.decide(now, fetch(1, 500)))).containsExactly(id(2));
  }

  @Test
  void anAbandonedPartialIsEvictedAsAnyOther() {
    Occupancy now = held(partial(1, 400), item(2, 500, 5));
    assertThat(victims(Admission.decide(now, file(200)))).containsExactly(id(1));
  }

  @Test
  void lastKnownCopiesGoAfterAllOthers() {
    Occupancy now = held(lastCopy(1, 300, 1), item(2, 300, 2), item(3, 300, 3));
    assertThat(victims(Admission.decide(now, file(600)))).containsExactly(id(2), id(3), id(1));
    assertThat(victims(Admission.decide(now, file(300)))).containsExactly(id(2), id(3));
  }

  @Test
  void refusesWhatCannotFitAndEvictsNothingForIt() {
    Occupancy now = held(pinned(1, 300, 1), item(2, 200, 2).inUse(), item(3, 300, 3));
    Refusal why = refusal(Admission.decide(now, file(501)));
    assertThat(why.cause()).isEqualTo(Cause.QUOTA);
    assertThat(why.text())
        .contains("501 more", "quota is 1000 bytes", "300 are pinned", "200 in use", "0 reserved")
        .doesNotContain("\n");
  }

  @Test
  void whatIsHereOfAnImageNeedsNoMoreRoom() {
    Occupancy now = held(partial(1, 400), pinned(2, 500, 1));
    assertGranted(Admission.decide(now, fetch(1, 450)));
    assertThat(refusal(Admission.decide(now, fetch(1, 501))).neededBytes()).isEqualTo(101);
  }

  @Test
  void reservationsCountUntilTheyAreFilled() {
    Occupancy begun = with(held(pinned(9, 100, 1)), fetch(1, 600));
    assertThat(begun.reservedBytes()).isEqualTo(600);
    assertThat(refusal(Admission.decide(begun, file(400))).reservedBytes()).isEqualTo(600);
    Occupancy half = with(held(pinned(9, 100, 1), partial(1, 300)), fetch(1, 600));
    assertThat(half.reservedBytes()).isEqualTo(300);
    Occupancy done = with(held(item(1, 600, 1)), fetch(1, 600));
    assertThat(done.reservedBytes()).isZero();
  }

  @Test
  void aSizeThatNobodyConfirmsEvictsNothing() {
    Occupancy now = held(item(1, 300, 1), item(2, 300, 2));
    assertGranted(Admission.decide(now, unconfirmed(3, 400)));
    Refusal why = refusal(Admission.decide(now, unconfirmed(3, 401)));
    assertThat(why.cause()).isEqualTo(Cause.UNCONFIRMED);
    assertThat(why.text()).contains("only 400 bytes of the quota of 1000 are free");
    assertThat(refusal(Admission.decide(now, unconfirmed(3, 1L << 36))).cause())
        .isEqualTo(Cause.DISK);
  }

  @Test
  void unconfirmedSizesTakeFromEachOther() {
    Occupancy now = with(held(item(1, 300, 1)), unconfirmed(2, 600));
    assertGranted(Admission.decide(now, unconfirmed(3, 100)));
    assertThat(refusal(Admission.decide(now, unconfirmed(3, 101))).cause())
        .isEqualTo(Cause.UNCONFIRMED);
  }

  @Test
  void againstAConfirmedSizeAnUnconfirmedOneHoldsATenthOfTheQuotaOnly() {
    Claim lie = unconfirmed(2, 900);
    Occupancy now = with(held(pinned(1, 100, 1)), lie);
    assertThat(Admission.decide(now, fetch(3, 750))).isEqualTo(new Decision.Granted(List.of(lie)));
    assertThat(Admission.decide(with(now, unconfirmed(2, 200)), fetch(3, 700)))
        .isEqualTo(new Decision.Granted(List.of()));
    assertThat(refusal(Admission.decide(now, fetch(3, 801))).cause()).isEqualTo(Cause.QUOTA);
  }

  @Test
  void theDiskMayEndBeforeTheQuota() {
    Occupancy small =
        new Occupancy(QUOTA, 50, List.of(item(1, 200, 1), pinned(2, 100, 2)), List.of());
    assertGranted(Admission.decide(small, file(50)));
    assertThat(victims(Admission.decide(small, file(51)))).containsExactly(id(1));
    Refusal why = refusal(Admission.decide(small, file(251)));
    assertThat(why.cause()).isEqualTo(Cause.DISK);
    assertThat(why.text())
        .isEqualTo("only 250 bytes are free; free some space or move the data directory");
  }

  @Test
  void withoutAQuotaNothingIsEvicted() {
    Occupancy now =
        new Occupancy(Quota.NONE, 500, List.of(item(1, 1L << 40, 1)), List.of(fetch(2, 100)));
    assertGranted(Admission.decide(now, file(400)));
    assertThat(refusal(Admission.decide(now, file(401))).cause()).isEqualTo(Cause.DISK);
    assertThat(Admission.excess(now)).isEmpty();
  }

  @Test
  void whatIsTooMuchGoesAsFarAsItMay() {
    assertThat(Admission.excess(held(item(1, 950, 1)))).isEmpty();
    assertThat(Admission.excess(held(item(1, 500, 2), item(2, 451, 1))))
        .extracting(CacheItem::image)
        .containsExactly(id(2));
    assertThat(Admission.excess(held(pinned(1, 2000, 2), item(2, 5, 1))))
        .extracting(CacheItem::image)
        .containsExactly(id(2));
    assertThat(Admission.excess(held(pinned(1, 2000, 2)))).isEmpty();
  }

  @Test
  void quotasAreOfAByteAtLeast() {
    assertThatThrownBy(() -> new Quota(0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new Quota(1).low()).isZero();
    assertThat(new Quota(Long.MAX_VALUE - 1).high()).isPositive().isLessThan(Long.MAX_VALUE - 1);
  }

  /**
   * A node of its own in virtual time: whatever is asked of it, what is held and confirmed stays
   * within the quota.
   */
  @Test
  void neverPassesTheQuotaWhateverIsAsked() {
    long seed = 20_260_301;
    Random random = new Random(seed);
    List<CacheItem> items = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (int step = 0; step < 5000; step++) {
      Occupancy now = new Occupancy(QUOTA, DISK, items, claims);
      assertThat(now.usedBytes()).as("seed %d, step %d", seed, step).isLessThanOrEqualTo(1000);
      assertThat(now.usedBytes() + now.reservedBytes())
          .as("seed %d, step %d", seed, step)
          .isLessThanOrEqualTo(1000);
      if (random.nextInt(3) == 0 && !claims.isEmpty()) {
        finish(claims.remove(random.nextInt(claims.size())), items, step, random);
      } else {
        ask(
            new Claim(step, id(step), 1 + random.nextInt(400), random.nextBoolean()),
            items,
            claims);
      }
    }
    assertThat(items).isNotEmpty();
  }

  private static void ask(Claim wanted, List<CacheItem> items, List<Claim> claims) {
    @Nullable Decision last = null;
    for (int round = 0; round < 100 && !(last instanceof Decision.Granted); round++) {
      last = Admission.decide(new Occupancy(QUOTA, DISK, items, claims), wanted);
      switch (last) {
        case Decision.Granted granted -> {
          claims.removeAll(granted.revoked());
          claims.add(wanted);
        }
        case Decision.Evict evict -> {
          assertThat(evict.victims()).isNotEmpty().noneMatch(CacheItem::pinned);
          items.removeAll(evict.victims());
        }
        case Decision.Refused refused -> {
          return;
        }
      }
    }
    assertThat(last).asInstanceOf(type(Decision.Granted.class)).isNotNull();
  }

  private static void finish(Claim claim, List<CacheItem> items, int step, Random random) {
    if (random.nextInt(4) > 0) {
      ImageId image = Objects.requireNonNull(claim.image());
      boolean pin = random.nextInt(20) == 0 && items.stream().filter(CacheItem::pinned).count() < 2;
      items.add(
          new CacheItem(
              image, claim.bytes(), true, pin, false, false, Instant.ofEpochSecond(step)));
    }
  }
}
