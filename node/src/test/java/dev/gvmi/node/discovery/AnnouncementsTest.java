package dev.gvmi.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.Announcement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnnouncementsTest {
  private static final Instant START = Instant.ofEpochSecond(1_000);
  private static final PeerId ALICE = Peers.of(1);
  private static final PeerId BOB = Peers.of(2);

  private final Announcements announcements = new Announcements();

  private static ImageId image(int number) {
    return ImageId.parseHex("%056x".formatted(number));
  }

  private static Announcement.Gained gained(int image, boolean complete) {
    return new Announcement.Gained(image(image), ManifestId.parseHex("cd".repeat(32)), 1, complete);
  }

  private List<ImageId> tell(PeerId peer, Announcement.Gained... gained) {
    assertThat(announcements.admit(peer, START)).isTrue();
    return announcements.take(peer, new Announcement(List.of(gained), List.of()));
  }

  private void drop(PeerId peer, int image) {
    assertThat(announcements.admit(peer, START)).isTrue();
    announcements.take(peer, new Announcement(List.of(), List.of(image(image))));
  }

  @Test
  void whatIsGainedIsKeptByImage() {
    tell(ALICE, gained(1, true), gained(2, false));
    tell(BOB, gained(1, false));
    assertThat(announcements.holders(image(1))).containsExactly(ALICE, BOB);
    assertThat(announcements.holders(image(2))).containsExactly(ALICE);
    assertThat(announcements.holders(image(3))).isEmpty();
    assertThat(announcements.images()).isEqualTo(2);
  }

  @Test
  void newsIsWhatWasNotSaidBefore() {
    assertThat(tell(ALICE, gained(1, false))).containsExactly(image(1));
    assertThat(tell(ALICE, gained(1, false))).isEmpty();
    assertThat(tell(ALICE, gained(1, true))).as("complete now").containsExactly(image(1));
    assertThat(tell(ALICE, gained(1, true))).isEmpty();
  }

  @Test
  void thoseWhoHoldAllOfItAreCounted() {
    tell(ALICE, gained(1, true));
    tell(BOB, gained(1, false));
    assertThat(announcements.completeHolders(image(1))).isEqualTo(1);
    assertThat(announcements.completeHolders(image(2))).isZero();
    tell(BOB, gained(1, true));
    assertThat(announcements.completeHolders(image(1))).isEqualTo(2);
  }

  @Test
  void whatIsDroppedIsForgotten() {
    tell(ALICE, gained(1, true));
    tell(BOB, gained(1, true));
    drop(ALICE, 1);
    drop(ALICE, 1);
    assertThat(announcements.holders(image(1))).containsExactly(BOB);
    drop(BOB, 1);
    assertThat(announcements.images()).isZero();
  }

  @Test
  void aPeerThatLeavesTakesAllWithIt() {
    tell(ALICE, gained(1, true), gained(2, true));
    tell(BOB, gained(2, true));
    announcements.forget(ALICE);
    assertThat(announcements.holders(image(1))).isEmpty();
    assertThat(announcements.holders(image(2))).containsExactly(BOB);
  }

  @Test
  void noMoreThanTheLimitIsKeptForAPeer() {
    for (int message = 0; message < Announcements.MAX_PER_PEER / 256 + 1; message++) {
      List<Announcement.Gained> all = new ArrayList<>();
      for (int i = 0; i < 256; i++) {
        all.add(gained(message * 256 + i, true));
      }
      assertThat(announcements.admit(ALICE, START)).isTrue();
      announcements.take(ALICE, new Announcement(all, List.of()));
    }
    assertThat(announcements.images()).isEqualTo(Announcements.MAX_PER_PEER);
    assertThat(announcements.holders(image(Announcements.MAX_PER_PEER - 1))).hasSize(1);
    assertThat(announcements.holders(image(Announcements.MAX_PER_PEER))).isEmpty();
  }

  @Test
  void aPeerThatSendsTooMuchIsRefusedUntilTimeHasPassed() {
    for (int i = 0; i < Announcements.BURST; i++) {
      assertThat(announcements.admit(ALICE, START)).isTrue();
    }
    assertThat(announcements.admit(ALICE, START)).isFalse();
    assertThat(announcements.admit(BOB, START)).as("another peer").isTrue();
    Instant later = START.plusSeconds(1);
    for (int i = 0; i < Announcements.PER_SECOND; i++) {
      assertThat(announcements.admit(ALICE, later)).isTrue();
    }
    assertThat(announcements.admit(ALICE, later)).isFalse();
  }

  @Test
  void aClockThatJumpsBackGivesAndTakesNothing() {
    assertThat(announcements.admit(ALICE, START)).isTrue();
    assertThat(announcements.admit(ALICE, START.minusSeconds(1_000))).isTrue();
    for (int i = 2; i < Announcements.BURST; i++) {
      assertThat(announcements.admit(ALICE, START)).isTrue();
    }
    assertThat(announcements.admit(ALICE, START)).isFalse();
  }
}
