package dev.gvmi.node.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides which of the manifests that peers name for one image is tried first. What peers say goes
 * in, an order comes out.
 *
 * <p>Only a peer that claims the image complete under an id vouches for it, and an IP group has one
 * vote. Peers that the user named outrank those that proved honest for this image before, and these
 * outrank any count. What a partial holder names is information: it is tried when nobody vouches
 * for anything else, and held against nobody. Of two ids that are believed alike the one of the
 * smaller image goes first, because a lie then costs less; then the one that was named first.
 *
 * <p>A manifest that proves false costs those who vouched for it their voice. After three, only
 * peers that the user named are believed.
 *
 * <p><b>Thread:</b> any; no clock, no I/O.
 */
public final class ManifestVotes {
  /** After so many manifests that proved false only trusted peers are believed. */
  public static final int MAX_FALSE = 3;

  /** So many groups confirm a size. */
  static final int CONFIRMING_GROUPS = 3;

  private final Standing standing;
  private final Map<PeerId, Claim> claims = new LinkedHashMap<>();

  /**
   * What each peer vouched for; it stays when the claim is withdrawn, so that nobody gets away by
   * leaving.
   */
  private final Map<PeerId, ManifestId> vouched = new HashMap<>();

  private final Set<PeerId> mute = new HashSet<>();
  private final Set<ManifestId> aside = new HashSet<>();
  private final Set<ManifestId> excluded = new HashSet<>();
  private int proofsOfFalsehood;

  /**
   * What a peer says that it holds.
   *
   * @param trusted the user named this peer
   * @param manifestBytes how long the manifest is said to be, which follows from the size of the
   *     image
   * @param complete all of the image is there, and verified
   */
  public record Claim(
      PeerId peer,
      IpGroup group,
      boolean trusted,
      ManifestId manifest,
      int manifestBytes,
      boolean complete) {}

  /** Counts for one image, starting from what its peers have shown before. */
  public ManifestVotes(Standing standing) {
    this.standing = standing;
  }

  /**
   * A peer says what it holds, instead of what it said before. Who vouched for another id before
   * has lied one time of the two.
   */
  public synchronized void claim(Claim claim) {
    if (claim.complete()) {
      ManifestId before = vouched.putIfAbsent(claim.peer(), claim.manifest());
      if (before != null && !before.equals(claim.manifest())) {
        standing.lied(claim.peer());
      }
    }
    claims.put(claim.peer(), claim);
  }

  /** A peer left, or holds nothing any more. */
  public synchronized void withdraw(PeerId peer) {
    claims.remove(peer);
  }

  /** A peer does not show the manifest that it names: it has no voice in this fetch any more. */
  public synchronized void mute(PeerId peer) {
    mute.add(peer);
  }

  /** A peer was caught lying about a manifest. */
  public synchronized void discredit(PeerId peer) {
    standing.lied(peer);
  }

  /** A peer sent wrong bytes. */
  public synchronized void ban(PeerId peer) {
    standing.ban(peer);
    claims.remove(peer);
  }

  /**
   * The manifest proved false: who vouched for it loses its standing. What was set aside before
   * gets another chance.
   */
  public synchronized void falsified(ManifestId manifest) {
    standing.foundFalse(manifest);
    proofsOfFalsehood++;
    aside.clear();
    vouched.forEach((peer, id) -> {
      if (id.equals(manifest)) {
        standing.lied(peer);
      }
    });
  }

  /**
   * The fetch does not get on under this id, for now: others go first. False if it was set aside
   * before.
   */
  public synchronized boolean setAside(ManifestId manifest) {
    return aside.add(manifest);
  }

  /** The id is not to be tried, though it may be true: the image is too large for this node. */
  public synchronized void exclude(ManifestId manifest) {
    excluded.add(manifest);
  }

  /** The manifest proved true: who vouched for it and delivered is believed from now on. */
  public synchronized void proved(ManifestId manifest, Set<PeerId> delivered) {
    delivered.stream()
        .filter(peer -> Objects.equals(vouched.get(peer), manifest))
        .forEach(standing::proved);
  }

  /** The ids that may be tried, the one that is believed most first. */
  public synchronized List<ManifestId> ranked() {
    Map<ManifestId, Tally> tallies = new LinkedHashMap<>();
    for (Claim claim : claims.values()) {
      if (isEligible(claim)) {
        tallies.computeIfAbsent(claim.manifest(), Tally::new).count(claim, standing);
      }
    }
    List<Tally> order = new ArrayList<>(tallies.values());
    order.sort(
        Comparator.comparing((Tally tally) -> aside.contains(tally.manifest))
            .thenComparing(Tally.MOST_BELIEVED));
    return order.stream().map(tally -> tally.manifest).toList();
  }

  private boolean isEligible(Claim claim) {
    boolean believed = claim.trusted() || proofsOfFalsehood < MAX_FALSE;
    return believed
        && hasVoice(claim.peer())
        && !excluded.contains(claim.manifest())
        && !standing.isKnownFalse(claim.manifest());
  }

  private boolean hasVoice(PeerId peer) {
    return !mute.contains(peer) && !standing.hasLied(peer) && !standing.isBanned(peer);
  }

  /** Whether a trusted peer vouches for the id: nothing that others say changes its rank. */
  public synchronized boolean isTrusted(ManifestId manifest) {
    return vouching(manifest).anyMatch(Claim::trusted);
  }

  /**
   * Whether the size that the id stands for is believed enough to evict other images for it: a
   * trusted peer vouches for it, or peers of three groups do.
   */
  public synchronized boolean isSizeConfirmed(ManifestId manifest) {
    return isTrusted(manifest)
        || vouching(manifest).map(Claim::group).distinct().count() >= CONFIRMING_GROUPS;
  }

  /** Whether a peer that proved honest for this image before vouches for the id. */
  public synchronized boolean isProvedBefore(ManifestId manifest) {
    return vouching(manifest).anyMatch(claim -> standing.isHonest(claim.peer()));
  }

  private Stream<Claim> vouching(ManifestId manifest) {
    return claims.values().stream()
        .filter(Claim::complete)
        .filter(claim -> claim.manifest().equals(manifest) && isEligible(claim));
  }

  /** Whether there is another id to try that was not set aside. */
  public synchronized boolean hasOther(ManifestId manifest) {
    return ranked().stream().anyMatch(id -> !id.equals(manifest) && !aside.contains(id));
  }

  /** Who can be asked for the manifest, best first. */
  public synchronized List<PeerId> vouchers(ManifestId manifest) {
    return claims.values().stream()
        .filter(claim -> claim.manifest().equals(manifest) && isEligible(claim))
        .sorted(
            Comparator.comparing((Claim claim) -> !claim.trusted())
                .thenComparing(claim -> !claim.complete()))
        .map(Claim::peer)
        .toList();
  }

  /** Who can be asked for chunks: without a voice too, since each chunk is verified. */
  public synchronized List<PeerId> sources(ManifestId manifest) {
    return claims.values().stream()
        .filter(claim -> claim.manifest().equals(manifest))
        .map(Claim::peer)
        .toList();
  }

  /** Manifests that were tried and proved false. */
  public synchronized int falseManifests() {
    return proofsOfFalsehood;
  }

  /** Who is behind one id. */
  private static final class Tally {
    static final Comparator<Tally> MOST_BELIEVED =
        Comparator.comparingInt((Tally tally) -> -tally.trusted.size())
            .thenComparingInt(tally -> -tally.honest.size())
            .thenComparingInt(tally -> -tally.groups.size())
            .thenComparingInt(tally -> -tally.trustedPartial)
            .thenComparingInt(tally -> tally.manifestBytes);

    final ManifestId manifest;
    final Set<IpGroup> trusted = new LinkedHashSet<>();
    final Set<IpGroup> honest = new LinkedHashSet<>();
    final Set<IpGroup> groups = new LinkedHashSet<>();
    int trustedPartial;
    int manifestBytes;

    Tally(ManifestId manifest) {
      this.manifest = manifest;
    }

    void count(Claim claim, Standing standing) {
      if (!claim.complete()) {
        trustedPartial += claim.trusted() ? 1 : 0;
        return;
      }
      manifestBytes = Math.max(manifestBytes, claim.manifestBytes());
      groups.add(claim.group());
      if (claim.trusted()) {
        trusted.add(claim.group());
      }
      if (standing.isHonest(claim.peer())) {
        honest.add(claim.group());
      }
    }
  }
}
