package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.kad.routing.ProviderStore;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.store.HoldingsListener;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.wire.Announcement;
import dev.gvmi.protocol.wire.HaveUpdate;
import dev.gvmi.protocol.wire.WireLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who holds an image, and tells others what this node holds: in the DHT, and to each
 * connected peer. What it finds is a hint.
 *
 * <p>It does nothing before {@link #start}, or the first search. Starting waits for nobody.
 *
 * <p><b>Thread:</b> any.
 */
public final class Discovery
    implements HolderFinder, HoldingsListener, ConnectionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
  private static final Duration UPKEEP = Duration.ofSeconds(15);

  /** So long all on the LAN have to answer the first question. */
  private static final Duration LAN_ANSWERS = Duration.ofMillis(800);

  private static final int REMEMBERED_DIALS = 8;
  private static final int MAX_RECORDS = HaveUpdate.MAX_HOLDERS;
  private static final int MAX_RECORD_BYTES = HaveUpdate.MAX_HOLDER_BYTES;

  private final Parts parts;
  private final DiscoveryConfig config;
  private final Contacts contacts;
  private final AnnounceService announcing;
  private final PeerBook book;
  private final HeldImages held;
  private final Set<SearchRun> searches = ConcurrentHashMap.newKeySet();
  private @Nullable Thread upkeep;
  private @Nullable LanPeers lan;
  private volatile @Nullable ImageDht dht;
  private volatile long startNanos;
  private boolean started;
  private volatile boolean closed;

  /** What it works with. */
  public record Parts(
      Host host,
      ImageStore store,
      ProviderStore providers,
      PeerStore peers,
      InstantSource clock,
      RandomGenerator random) {}

  public Discovery(Parts parts, DiscoveryConfig config) {
    this.parts = parts;
    this.config = config;
    this.contacts = new Contacts(parts.host());
    this.held = new HeldImages(parts.store());
    this.announcing = new AnnounceService(parts.host(), held, parts.clock(), this::announced);
    this.book = new PeerBook(parts.peers(), parts.clock().instant());
  }

  /** Takes part from now on; later calls do nothing. */
  public synchronized void start() {
    if (started || closed) {
      return;
    }
    started = true;
    startNanos = System.nanoTime();
    parts.store().addHoldingsListener(this);
    parts.host().addConnectionListener(this);
    announcing.start();
    if (config.dht() != DhtRole.OFF) {
      dht =
          ImageDht.start(
              parts.host(),
              parts.providers(),
              config,
              config.dht().mode(parts.host().listenAddresses(), peerAddresses()),
              held.all().stream().map(Announcement.Gained::image).toList(),
              parts.clock(),
              parts.random());
    }
    lan = config.lan() ? LanPeers.start(parts.host(), contacts) : null;
    parts.host().peers().forEach(this::identified);
    dialKnown();
    upkeep = Thread.ofVirtual().name("discovery").start(this::keepUp);
  }

  /** Whether it knows nobody to begin with. */
  public boolean knowsNobody() {
    return config.bootstrap().isEmpty() && book.size() == 0;
  }

  @Override
  public HolderSearch search(ImageId image, Consumer<Candidate> found) {
    start();
    SearchRun.Parts searching = new SearchRun.Parts(parts.host(), dht, this::lanIsQuiet, contacts);
    List<PeerId> announcers = announcing.announcements().holders(image);
    SearchRun run = new SearchRun(searching, image, announcers, found, searches::remove);
    searches.add(run);
    run.start();
    return run;
  }

  private boolean lanIsQuiet() {
    return !config.lan() || System.nanoTime() - startNanos > LAN_ANSWERS.toNanos();
  }

  /**
   * How many connected peers said that they hold all of the image; empty while there are none to
   * say so.
   */
  public OptionalInt completeHolders(ImageId image) {
    return parts.host().peers().stream().anyMatch(Discovery::speaks)
        ? OptionalInt.of(announcing.announcements().completeHolders(image))
        : OptionalInt.empty();
  }

  /**
   * Signed records of connected peers that announced the image, but not that of {@code asking}: for
   * {@code /gvmi/have}.
   */
  public List<byte[]> records(ImageId image, PeerId asking) {
    return announcing.announcements().holders(image).stream()
        .filter(peer -> !peer.equals(asking))
        .flatMap(peer -> parts.host().signedRecord(peer).stream())
        .filter(record -> record.remaining() <= MAX_RECORD_BYTES)
        .limit(MAX_RECORDS)
        .map(Discovery::bytes)
        .toList();
  }

  private static byte[] bytes(ByteBuffer record) {
    byte[] bytes = new byte[record.remaining()];
    record.get(bytes);
    return bytes;
  }

  /** How the peer was found, if that is remembered. */
  public Optional<FoundBy> foundBy(PeerId peer) {
    return contacts.foundBy(peer);
  }

  public DiscoveryStatus status() {
    return new DiscoveryStatus(
        Optional.ofNullable(dht).map(ImageDht::status),
        announcing.announcements().images(),
        book.size());
  }

  // ---- what is heard ----

  private void announced(PeerId peer, ImageId image) {
    searches.stream()
        .filter(search -> search.image().equals(image))
        .forEach(search -> search.tell(peer, FoundBy.ANNOUNCED));
  }

  @Override
  public void connected(PeerInfo peer) {
    contacts.note(peer.id(), FoundBy.CONNECTED);
    identified(peer);
    chooseRole();
  }

  @Override
  public void identified(PeerInfo peer) {
    if (speaks(peer)) {
      book.seen(peer, parts.clock().instant());
      searches.forEach(search -> search.tell(peer.id(), FoundBy.CONNECTED));
    }
  }

  private static boolean speaks(PeerInfo peer) {
    return peer.protocols().stream()
        .anyMatch(protocol -> protocol.text().equals(WireLimits.MANIFEST_PROTOCOL));
  }

  @Override
  public void disconnected(PeerInfo peer) {
    if (speaks(peer)) {
      book.seen(peer, parts.clock().instant());
    }
  }

  // ---- what is told ----

  @Override
  public void gained(ImageId image, boolean complete) {
    announcing.gained(image);
    ImageDht running = dht;
    if (running != null && !parts.host().listenAddresses().isEmpty()) {
      running.provide(image);
    }
  }

  @Override
  public void dropped(ImageId image) {
    announcing.dropped(image);
    ImageDht running = dht;
    if (running != null) {
      running.stopProviding(image);
    }
  }

  // ---- upkeep ----

  /** Those to start with and those that were good before, all at once. */
  private void dialKnown() {
    config.bootstrap().forEach(contacts::bootstrap);
    book.best(REMEMBERED_DIALS)
        .forEach(peer -> contacts.suggest(peer.peer(), peer.addresses(), FoundBy.REMEMBERED));
  }

  private void keepUp() {
    try {
      while (!closed) {
        TimeUnit.NANOSECONDS.sleep(UPKEEP.toNanos());
        try {
          if (isAlone()) {
            dialKnown();
          }
          parts.host().peers().stream()
              .filter(Discovery::speaks)
              .forEach(peer -> book.seen(peer, parts.clock().instant()));
          chooseRole();
        } catch (RuntimeException e) {
          LOG.warn("upkeep of discovery failed, and goes on", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isAlone() {
    ImageDht running = dht;
    return running == null ? parts.host().peers().isEmpty() : running.status().peers() == 0;
  }

  private void chooseRole() {
    ImageDht running = dht;
    if (running != null && !closed) {
      running.mode(config.dht().mode(parts.host().listenAddresses(), peerAddresses()));
    }
  }

  private List<Multiaddr> peerAddresses() {
    return parts.host().peers().stream().map(PeerInfo::remoteAddress).toList();
  }

  /** Finds and tells no more. The host stays. */
  @Override
  public synchronized void close() {
    closed = true;
    if (upkeep != null) {
      upkeep.interrupt();
    }
    if (lan != null) {
      lan.close();
    }
    List.copyOf(searches).forEach(SearchRun::close);
    ImageDht running = dht;
    if (running != null) {
      running.close();
    }
  }
}
