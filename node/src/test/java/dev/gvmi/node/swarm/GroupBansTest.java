package dev.gvmi.node.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class GroupBansTest {
  private static final IpGroup GROUP = new IpGroup("198.51.100.0/24");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final GroupBans bans = new GroupBans();

  private static Instant minutes(long minutes) {
    return START.plus(Duration.ofMinutes(minutes));
  }

  @Test
  void threeBansBanTheGroupForAnHour() {
    bans.banned(GROUP, START);
    bans.banned(GROUP, minutes(1));
    assertThat(bans.isBanned(GROUP, minutes(1))).isFalse();
    bans.banned(GROUP, minutes(2));
    assertThat(bans.isBanned(GROUP, minutes(2))).isTrue();
    assertThat(bans.isBanned(GROUP, minutes(61))).isTrue();
    assertThat(bans.isBanned(GROUP, minutes(62))).isFalse();
  }

  @Test
  void bansThatLieApartDoNotAddUp() {
    bans.banned(GROUP, START);
    bans.banned(GROUP, minutes(30));
    bans.banned(GROUP, minutes(60));
    assertThat(bans.isBanned(GROUP, minutes(60))).isFalse();
    bans.banned(GROUP, minutes(80));
    assertThat(bans.isBanned(GROUP, minutes(80))).isTrue();
  }

  @Test
  void otherGroupsAreNotBanned() {
    for (int i = 0; i < GroupBans.MAX_BANS; i++) {
      bans.banned(GROUP, START);
    }
    assertThat(bans.isBanned(new IpGroup("198.51.101.0/24"), START)).isFalse();
  }

  @Test
  void noMoreGroupsAreRememberedThanTheLimit() {
    for (int i = 0; i <= GroupBans.MAX_GROUPS; i++) {
      bans.banned(new IpGroup("group " + i), START);
    }
    assertThat(bans.size()).isEqualTo(GroupBans.MAX_GROUPS);
  }
}
