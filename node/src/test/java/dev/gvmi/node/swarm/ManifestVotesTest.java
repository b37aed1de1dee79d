package dev.gvmi.node.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.swarm.ManifestVotes.Claim;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ManifestVotesTest {
  private static final ManifestId TRUE = id(1);
  private static final ManifestId FALSE = id(2);
  private static final int BYTES = 1000;

  private final Standing standing = new Standing();
  private final ManifestVotes votes = new ManifestVotes(standing);

  private static ManifestId id(int n) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) n);
    return ManifestId.fromBytes(bytes);
  }

  private static PeerId peer(int n) {
    byte[] digest = new byte[32];
    digest[0] = (byte) n;
    return PeerId.of(Multihash.of(Multihash.SHA2_256, digest));
  }

  private static IpGroup group(int n) {
    return new IpGroup("198.51." + n + ".0/24");
  }

  private void vouch(int peer, int group, ManifestId id) {
    votes.claim(new Claim(peer(peer), group(group), false, id, BYTES, true));
  }

  private void vouchTrusted(int peer, ManifestId id) {
    votes.claim(new Claim(peer(peer), group(peer), true, id, BYTES, true));
  }

  private void partial(int peer, ManifestId id) {
    votes.claim(new Claim(peer(peer), group(peer), false, id, BYTES, false));
  }

  @Test
  void anIpGroupHasOneVote() {
    vouch(1, 1, FALSE);
    vouch(2, 1, FALSE);
    vouch(3, 1, FALSE);
    vouch(4, 2, TRUE);
    vouch(5, 3, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE, FALSE);
  }

  @Test
  void whatPartialHoldersNameIsNoVote() {
    partial(1, FALSE);
    partial(2, FALSE);
    partial(3, FALSE);
    vouch(4, 4, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE, FALSE);
  }

  @Test
  void whatPartialHoldersNameIsTriedWhenNobodyVouches() {
    partial(1, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void whatPartialHoldersNameIsNoFault() {
    partial(1, FALSE);
    votes.falsified(FALSE);
    partial(1, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void aTrustedPeerOutranksAnyCount() {
    for (int i = 1; i <= 50; i++) {
      vouch(i, i, FALSE);
    }
    vouchTrusted(60, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE, FALSE);
  }

  @Test
  void aPeerThatProvedHonestBeforeOutranksAnyCountButNoTrustedOne() {
    vouch(1, 1, TRUE);
    votes.proved(TRUE, Set.of(peer(1)));
    ManifestVotes later = new ManifestVotes(standing);
    for (int i = 2; i <= 50; i++) {
      later.claim(new Claim(peer(i), group(i), false, FALSE, BYTES, true));
    }
    later.claim(new Claim(peer(1), group(1), false, TRUE, BYTES, true));
    assertThat(later.ranked()).containsExactly(TRUE, FALSE);
    assertThat(later.isProvedBefore(TRUE)).isTrue();
    assertThat(later.isProvedBefore(FALSE)).isFalse();
    later.claim(new Claim(peer(60), group(60), true, id(3), BYTES, true));
    assertThat(later.ranked()).containsExactly(id(3), TRUE, FALSE);
  }

  @Test
  void whoVouchedAndDeliveredNothingDidNotProveHonest() {
    vouch(1, 1, TRUE);
    partial(2, TRUE);
    votes.proved(TRUE, Set.of(peer(2)));
    assertThat(standing.isHonest(peer(1))).isFalse();
    assertThat(standing.isHonest(peer(2))).isFalse();
  }

  @Test
  void thoseWhoVouchedForAFalseManifestLoseTheirStanding() {
    vouch(1, 1, FALSE);
    vouch(2, 2, FALSE);
    vouch(3, 3, TRUE);
    votes.falsified(FALSE);
    assertThat(votes.ranked()).containsExactly(TRUE);
    vouch(1, 1, id(4));
    vouch(2, 2, id(4));
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void leavingInTimeSavesNoStanding() {
    vouch(1, 1, FALSE);
    votes.withdraw(peer(1));
    votes.falsified(FALSE);
    partial(1, id(5));
    assertThat(votes.ranked()).isEmpty();
  }

  @Test
  void aFalseManifestIsNotTriedAgainInALaterFetch() {
    vouch(1, 1, FALSE);
    votes.falsified(FALSE);
    ManifestVotes later = new ManifestVotes(standing);
    later.claim(new Claim(peer(9), group(9), true, FALSE, BYTES, true));
    assertThat(later.ranked()).isEmpty();
  }

  @Test
  void afterThreeFalseManifestsOnlyTrustedPeersAreBelieved() {
    for (int i = 1; i <= ManifestVotes.MAX_FALSE; i++) {
      vouch(i, i, id(10 + i));
      votes.falsified(id(10 + i));
    }
    vouch(20, 20, TRUE);
    assertThat(votes.ranked()).isEmpty();
    vouchTrusted(21, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void aTrustedPeerThatLiedIsNotBelievedAnyMoreButCanBeNamedAnew() {
    vouchTrusted(1, FALSE);
    votes.falsified(FALSE);
    vouchTrusted(1, TRUE);
    assertThat(votes.ranked()).isEmpty();
    standing.forgive(peer(1));
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void whoVouchesForTwoIdsHasLied() {
    vouch(1, 1, TRUE);
    vouch(1, 1, FALSE);
    assertThat(votes.ranked()).isEmpty();
  }

  @Test
  void aPartialHolderMayChangeItsMindAndMayComplete() {
    partial(1, FALSE);
    partial(1, TRUE);
    vouch(1, 1, TRUE);
    assertThat(votes.ranked()).containsExactly(TRUE);
  }

  @Test
  void ofTwoBelievedAlikeTheSmallerImageGoesFirstThenTheFirstNamed() {
    vouch(1, 1, id(1));
    vouch(2, 2, id(2));
    votes.claim(new Claim(peer(3), group(3), false, id(3), BYTES - 1, true));
    assertThat(votes.ranked()).containsExactly(id(3), id(1), id(2));
  }

  @Test
  void noCountMakesAnIdTrustedAndNoPartialHolderDoes() {
    for (int i = 1; i <= 50; i++) {
      vouch(i, i, TRUE);
    }
    votes.claim(new Claim(peer(60), group(60), true, TRUE, BYTES, false));
    assertThat(votes.isTrusted(TRUE)).isFalse();
    vouchTrusted(61, TRUE);
    assertThat(votes.isTrusted(TRUE)).isTrue();
  }

  @Test
  void whoIsBannedMutedOrCaughtHasNoVoice() {
    vouch(1, 1, FALSE);
    vouch(2, 2, id(3));
    vouch(3, 3, id(4));
    votes.ban(peer(1));
    votes.mute(peer(2));
    votes.discredit(peer(3));
    assertThat(votes.ranked()).isEmpty();
  }

  @Test
  void withoutAVoiceAPeerIsASourceStillUnlessItIsBanned() {
    vouch(1, 1, TRUE);
    vouch(2, 2, TRUE);
    votes.discredit(peer(1));
    assertThat(votes.vouchers(TRUE)).containsExactly(peer(2));
    assertThat(votes.sources(TRUE)).containsExactly(peer(1), peer(2));
    votes.ban(peer(1));
    assertThat(votes.sources(TRUE)).containsExactly(peer(2));
  }

  @Test
  void trustedAndCompleteHoldersShowTheManifestFirst() {
    partial(1, TRUE);
    vouch(2, 2, TRUE);
    vouchTrusted(3, TRUE);
    assertThat(votes.vouchers(TRUE)).containsExactly(peer(3), peer(2), peer(1));
  }

  @Test
  void whatIsSetAsideGoesLastOnceAndComesBackWhenAnotherProvesFalse() {
    vouch(1, 1, TRUE);
    vouch(2, 2, TRUE);
    vouch(3, 3, FALSE);
    assertThat(votes.hasOther(TRUE)).isTrue();
    assertThat(votes.setAside(TRUE)).isTrue();
    assertThat(votes.ranked()).containsExactly(FALSE, TRUE);
    assertThat(votes.hasOther(FALSE)).isFalse();
    assertThat(votes.setAside(TRUE)).isFalse();
    votes.falsified(FALSE);
    assertThat(votes.ranked()).containsExactly(TRUE);
    assertThat(votes.setAside(TRUE)).isTrue();
  }

  @Test
  void whatIsExcludedIsNotTried() {
    vouchTrusted(1, FALSE);
    votes.exclude(FALSE);
    assertThat(votes.ranked()).isEmpty();
  }

  @Test
  void noMorePeersAreRememberedThanTheLimit() {
    for (int i = 0; i <= Standing.MAX_PEERS; i++) {
      byte[] digest = new byte[32];
      digest[0] = (byte) i;
      digest[1] = (byte) (i >> 8);
      standing.ban(PeerId.of(Multihash.of(Multihash.SHA2_256, digest)));
    }
    byte[] last = new byte[32];
    last[0] = (byte) Standing.MAX_PEERS;
    last[1] = (byte) (Standing.MAX_PEERS >> 8);
    assertThat(standing.isBanned(PeerId.of(Multihash.of(Multihash.SHA2_256, last)))).isFalse();
  }
}
