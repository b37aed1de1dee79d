package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.discovery.Candidate;
import dev.gvmi.node.discovery.HolderFinder;
import dev.gvmi.node.discovery.HolderSearch;
import dev.gvmi.node.swarm.Blame;
import dev.gvmi.node.swarm.Blame.Offence;
import dev.gvmi.node.swarm.GroupBans;
import dev.gvmi.node.swarm.IpGroup;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.node.swarm.Standing;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks for those who hold an image, all at once, and goes on looking while the fetch runs: a peer
 * that was not there, had nothing, or left is asked again. What they say goes into the votes.
 *
 * <p><b>Thread:</b> a virtual thread per peer; the methods are any thread's.
 */
final class Holders implements AutoCloseable {
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** Who was found may be long gone. */
  private static final Duration DIAL_FOUND = Duration.ofSeconds(4);

  /** Nobody is found any more after so long, at the start. */
  private static final Duration MISS = Duration.ofMillis(1_950);

  /** Whom we found has so long to answer, at the start, before there is nobody. */
  private static final Duration MISS_OF_FOUND = Duration.ofSeconds(5);

  private static final int DIALS = 8;
  private static final int MAX_HUNTS = 320;

  /** How long an answer counts before a peer that is no source is asked again. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  private static final int MAX_DOUBLINGS = 6;
  private static final int MAX_REASONS = 64;

  private final Parts parts;
  private final ManifestVotes votes;
  private final Set<PeerId> linked = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> named = ConcurrentHashMap.newKeySet();

  /** Where peers answered from; they may be gone when it matters. */
  private final Map<PeerId, IpGroup> groups = new ConcurrentHashMap<>();

  /** How often a peer left or failed without having delivered. */
  private final Map<PeerId, Integer> inVain = new ConcurrentHashMap<>();

  private final Map<PeerId, Long> notBefore = new ConcurrentHashMap<>();
  private final Set<String> reasons = Collections.synchronizedSet(new LinkedHashSet<>());
  private final CountDownLatch firstRound;
  private final CountDownLatch firstRoundOfNamed;

  /** With one only, what is wrong with it is how the search ends. */
  private final boolean isOneOfSeveral;

  private final Map<PeerId, Hunt> hunts = new ConcurrentHashMap<>();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final SwarmHints hints = new SwarmHints();
  private final Semaphore dials = new Semaphore(DIALS);
  private final AtomicInteger found = new AtomicInteger();
  private final AtomicInteger foundAndAsked = new AtomicInteger();
  private final long start = System.nanoTime();
  private volatile HolderSearch search = HolderSearch.OVER;

  /** What a search works with. */
  record Parts(
      Host host,
      ImageId image,
      Standing standing,
      GroupBans groupBans,
      Blame blame,
      InstantSource clock,
      ProgressSink sink) {}

  private Holders(Parts parts, ManifestVotes votes, int named, int others) {
    this.parts = parts;
    this.votes = votes;
    this.firstRound = new CountDownLatch(named + others);
    this.firstRoundOfNamed = new CountDownLatch(named);
    this.isOneOfSeveral = named + others > 1;
  }

  /**
   * Starts asking the peers of these addresses, which are trusted, all that are connected, and whom
   * {@code finder} finds.
   */
  static Holders search(
      Parts parts, ManifestVotes votes, List<Multiaddr> addresses, HolderFinder finder) {
    Host host = parts.host();
    Set<PeerId> named = new LinkedHashSet<>();
    addresses.forEach(address -> PeerId.of(address).ifPresent(named::add));
    List<PeerInfo> connected =
        host.peers().stream().filter(peer -> !named.contains(peer.id())).toList();
    Holders holders = new Holders(parts, votes, addresses.size(), connected.size());
    named.forEach(holders::trust);
    addresses.forEach(holders::huntNamed);
    connected.forEach(peer -> holders.huntConnected(peer.id()));
    holders.search = finder.search(parts.image(), holders::candidate);
    return holders;
  }

  private void trust(PeerId peer) {
    if (named.add(peer)) {
      parts.standing().forgive(peer);
      parts.blame().forgive(peer, parts.image());
    }
  }

  private void huntNamed(Multiaddr address) {
    Hunt hunt =
        new Hunt(
            () -> {
              PeerId peer = parts.host().dial(address, DIAL);
              trust(peer);
              ask(peer);
            },
            Hunt.STEADILY,
            failure -> told(text(failure)),
            () -> {
              firstRound.countDown();
              firstRoundOfNamed.countDown();
            });
    PeerId.of(address).ifPresent(peer -> hunts.put(peer, hunt));
    start(hunt, address.toString());
  }

  private void huntConnected(PeerId peer) {
    Hunt hunt =
        new Hunt(
            () -> askIfConnected(peer),
            Hunt.LESS_AND_LESS,
            failure -> told(text(failure)),
            firstRound::countDown);
    hunts.put(peer, hunt);
    start(hunt, peer.toString());
  }

  private void askIfConnected(PeerId peer) throws IOException, InterruptedException {
    if (parts.host().peer(peer).isEmpty()) {
      throw new IOException("no longer connected to " + peer.toShortString());
    }
    ask(peer);
  }

  /** Somebody is said to hold the image. Whom we know already is asked again soon. */
  private void candidate(Candidate candidate) {
    PeerId peer = candidate.peer();
    Hunt known = hunts.get(peer);
    if (known != null) {
      notBefore.computeIfPresent(peer, (p, time) -> linked.contains(p) ? time : null);
      known.wake();
      return;
    }
    if (peer.equals(parts.host().id()) || hunts.size() >= MAX_HUNTS) {
      return;
    }
    found.incrementAndGet();
    Hunt hunt =
        new Hunt(
            () -> {
              connect(candidate);
              ask(peer);
            },
            Hunt.LESS_AND_LESS,
            failure -> remember(text(failure)),
            foundAndAsked::incrementAndGet);
    if (hunts.putIfAbsent(peer, hunt) == null) {
      start(hunt, peer.toString());
    } else {
      found.decrementAndGet();
    }
  }

  /** A peer that delivers tells of others. */
  void heardOf(PeerId informant, List<byte[]> records) {
    parts
        .host()
        .peer(informant)
        .map(info -> hints.take(info.remoteAddress(), records, parts.clock().instant()))
        .orElse(List.of())
        .forEach(candidate -> {
          search.note(candidate);
          candidate(candidate);
        });
  }

  private void connect(Candidate candidate) throws IOException, InterruptedException {
    if (parts.host().peer(candidate.peer()).isPresent()) {
      return;
    }
    dials.acquire();
    try {
      parts.host().connect(candidate.peer(), candidate.addresses(), DIAL_FOUND);
    } finally {
      dials.release();
    }
  }

  private void start(Hunt hunt, String name) {
    threads.add(Thread.ofVirtual().name("hunt-" + name).start(hunt));
  }

  private static String text(IOException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** Unless there is no need to: it delivers already, is banned, or has answered just now. */
  private void ask(PeerId peer) throws IOException, InterruptedException {
    if (linked.contains(peer) || isBanned(peer) || !isDue(peer)) {
      return;
    }
    Optional<PeerInfo> info = parts.host().peer(peer);
    if (info.isEmpty() || !info.get().protocols().contains(Protocols.MANIFEST)) {
      remember(peer + " does not hold it");
      return;
    }
    Optional<ManifestClient.Held> held;
    try {
      held = ManifestClient.ask(parts.host(), peer, parts.image());
    } catch (IOException e) {
      votes.withdraw(peer);
      throw new IOException("peer " + peer + ": " + e.getMessage(), e);
    }
    if (held.isEmpty()) {
      remember(peer + " does not hold it");
      votes.withdraw(peer);
      return;
    }
    IpGroup group = IpGroup.of(info.get().remoteAddress());
    groups.put(peer, group);
    votes.claim(
        new ManifestVotes.Claim(
            peer,
            group,
            named.contains(peer),
            held.get().manifest(),
            held.get().manifestBytes(),
            held.get().complete()));
    notBefore.put(peer, System.nanoTime() + FRESH.toNanos());
  }

  private boolean isDue(PeerId peer) {
    Long time = notBefore.get(peer);
    return time == null || System.nanoTime() - time >= 0;
  }

  /**
   * Whether everybody was asked once, those who were found included; who was found late is waited
   * for, though not for long.
   */
  boolean allAsked() {
    return firstRound.getCount() == 0 && allFoundAsked();
  }

  private boolean allFoundAsked() {
    long waited = System.nanoTime() - start;
    boolean lookedEverywhere = search.lookedEverywhere() || waited > MISS.toNanos();
    boolean asked = foundAndAsked.get() >= found.get() || waited > MISS_OF_FOUND.toNanos();
    return lookedEverywhere && asked;
  }

  /** Whether everybody that the user named was asked once. */
  boolean allNamedAsked() {
    return firstRoundOfNamed.getCount() == 0;
  }

  /**
   * Those who hold the image under this manifest and are not in use; they are from now on, until
   * {@link #left}.
   */
  List<PeerId> take(ManifestId manifest) {
    List<PeerId> taken =
        votes.sources(manifest).stream()
            .filter(peer -> !linked.contains(peer) && !isBanned(peer))
            .toList();
    linked.addAll(taken);
    return taken;
  }

  /** The peer delivers. */
  void delivered(PeerId peer) {
    inVain.remove(peer);
  }

  /**
   * The peer is no source any more, for now: it is asked again, after a while that grows each time
   * it does not deliver.
   */
  void left(PeerId peer) {
    votes.withdraw(peer);
    int times = inVain.merge(peer, 1, Integer::sum) - 1;
    long wait = AGAIN.toNanos() << Math.min(times, MAX_DOUBLINGS);
    notBefore.put(peer, System.nanoTime() + (times == 0 ? 0 : wait));
    linked.remove(peer);
  }

  /** The fetch under one manifest is over: those it used can be used under another. */
  void release(Set<PeerId> peers) {
    linked.removeAll(peers);
  }

  /**
   * The peer sent wrong bytes: it is not asked again for this image, and it counts against its
   * group.
   */
  void ban(PeerId peer) {
    if (!parts.standing().isBanned(peer)) {
      votes.ban(peer);
      parts.blame().add(peer, parts.image(), Offence.WRONG_BYTES, parts.clock().instant());
      group(peer).ifPresent(group -> parts.groupBans().banned(group, parts.clock().instant()));
    }
  }

  /** The peers vouched for a manifest that proved false. */
  void lied(List<PeerId> peers) {
    Instant now = parts.clock().instant();
    peers.forEach(peer -> parts.blame().add(peer, parts.image(), Offence.FALSE_MANIFEST, now));
  }

  /** Whether the peer, or its group if the user did not name it, is banned. */
  boolean isBanned(PeerId peer) {
    return parts.standing().isBanned(peer)
        || (!named.contains(peer)
            && group(peer)
                .filter(group -> parts.groupBans().isBanned(group, parts.clock().instant()))
                .isPresent());
  }

  private Optional<IpGroup> group(PeerId peer) {
    return Optional.ofNullable(groups.get(peer))
        .or(() -> parts.host().peer(peer).map(info -> IpGroup.of(info.remoteAddress())));
  }

  /** Something is wrong with a peer, in one line. */
  void told(String reason) {
    remember(reason);
    if (isOneOfSeveral) {
      parts.sink().note(reason);
    }
  }

  private void remember(String reason) {
    if (reasons.size() < MAX_REASONS) {
      reasons.add(reason);
    }
  }

  /** Why nobody was found, in one line. */
  String whyNone() {
    synchronized (reasons) {
      return reasons.isEmpty()
          ? "no peer was asked: nobody is known to hold it; name one with --peer"
          : String.join("; ", reasons);
    }
  }

  @Override
  public void close() {
    search.close();
    threads.forEach(Thread::interrupt);
  }
}
