package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.mdns.link.LinkSession;
import dev.gvmi.libp2p.mdns.link.MdnsConfig;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Discovery of peers on the local network, by multicast DNS: on every interface that is up and can
 * multicast, but loopback, IPv4 and IPv6. Interfaces that come and go are noticed.
 *
 * <p>On each network it tells those addresses of this peer that are on it. It never sends to a
 * single machine: a query that wants a unicast answer is answered to all, and one that comes from
 * another port than 5353 is not answered.
 *
 * <p><b>Thread:</b> any; a thread {@code mdns} of its own does the work and calls the listener.
 *
 * <p><b>Errors:</b> none. Where multicast is impossible there is no link, and {@link #status} says
 * why.
 *
 * <p><b>Source:</b> libp2p discovery mDNS; RFC 6762, RFC 6763.
 */
public final class Mdns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mdns.class);
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LABEL_CHARS = 40;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final PeerId self;
  private final Supplier<List<Multiaddr>> addresses;
  private final MdnsConfig config;
  private final LinkTurn.Shared shared;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final String label;
  private final Selector selector;
  private final ByteBuffer buffer;
  private final Thread thread = Thread.ofPlatform().daemon().name("mdns").unstarted(this::run);

  /** Of {@link #thread}, once it runs. */
  private final Map<Link.Place, LinkTurn> links = new HashMap<>();

  private String problem = "";
  private Instant nextScan = Instant.MIN;
  private volatile MdnsStatus status = new MdnsStatus(0, "", 0, 0, 0, 0, 0);
  private volatile boolean closed;

  private Mdns(
      PeerId self,
      Supplier<List<Multiaddr>> addresses,
      MdnsConfig config,
      MdnsListener listener,
      InstantSource clock,
      RandomGenerator random)
      throws IOException {
    this.self = self;
    this.addresses = addresses;
    this.config = config;
    this.shared = new LinkTurn.Shared(listener, new LinkTurn.Counters());
    this.clock = clock;
    this.random = random;
    this.label = label(random);
    this.selector = Selector.open();
    this.buffer = ByteBuffer.allocateDirect(config.limits().message().messageBytes() + 1);
  }

  private static String label(RandomGenerator random) {
    StringBuilder label = new StringBuilder();
    for (int i = 0; i < LABEL_CHARS; i++) {
      label.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return label.toString();
  }

  /**
   * Takes part from now on, on the networks that there are, and on others as they come.
   *
   * @param addresses where this peer listens, asked each time it is told
   * @param clock one that never goes back: what is planned would wait for it
   * @param random draws the name of this peer and the moments it speaks at; used by one thread
   */
  public static Mdns start(
      PeerId self,
      Supplier<List<Multiaddr>> addresses,
      MdnsConfig config,
      MdnsListener listener,
      InstantSource clock,
      RandomGenerator random)
      throws IOException {
    Mdns mdns = new Mdns(self, addresses, config, listener, clock, random);
    mdns.scan(clock.instant());
    mdns.publishStatus();
    mdns.thread.start();
    return mdns;
  }

  public MdnsStatus status() {
    return status;
  }

  private void run() {
    try {
      while (!closed) {
        Instant now = clock.instant();
        scan(now);
        links.values().forEach(link -> turn(link, now));
        publishStatus();
        await();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("discovery on the local network has ended", e);
    } finally {
      links.values().forEach(Mdns::close);
    }
  }

  private void turn(LinkTurn link, Instant now) {
    try {
      link.turn(now, buffer, addresses);
    } catch (IOException e) {
      LOG.debug("mDNS: {}", e.toString()); // its interface goes; the next scan will see
    }
  }

  private void await() throws IOException {
    Instant next =
        links.values().stream().map(LinkTurn::next).min(Instant::compareTo).orElse(nextScan);
    Duration wait = Duration.between(clock.instant(), next);
    wait = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    if (wait.isPositive()) {
      selector.select(Mdns::ready, Math.max(1, wait.toMillis()));
    } else {
      selector.selectNow(Mdns::ready);
    }
  }

  private static void ready(SelectionKey key) {
    if (key.attachment() instanceof LinkTurn link) {
      link.ready();
    }
  }

  // ---- networks that come and go ----

  private void scan(Instant now) {
    if (nextScan.isAfter(now)) {
      return;
    }
    nextScan = now.plus(config.scan());
    try {
      Set<Link.Place> places = new HashSet<>(Link.places(config.limits().links()));
      links.entrySet().removeIf(link -> !places.contains(link.getKey()) && close(link.getValue()));
      places.removeAll(links.keySet());
      places.forEach(place -> open(place, now));
      problem = links.isEmpty() && problem.isEmpty() ? "no interface can multicast" : problem;
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed when its network has gone, or at the end
  private void open(Link.Place place, Instant now) {
    try {
      Link link = Link.open(place);
      SelectionKey key = link.register(selector);
      LinkSession session = new LinkSession(config, self, label, place.net(), random, now);
      links.put(place, new LinkTurn(link, key, session, config.limits(), now, shared));
      LOG.debug("mDNS on {} {}", place.name(), place.family());
    } catch (IOException | UnsupportedOperationException e) {
      problem = place.name() + ": " + e.getMessage();
      LOG.debug("mDNS: not on {} {}: {}", place.name(), place.family(), e.toString());
    }
  }

  private static boolean close(LinkTurn link) {
    try {
      link.close();
    } catch (IOException e) {
      LOG.debug("mDNS: {}", e.toString());
    }
    return true;
  }

  private void publishStatus() {
    LinkTurn.Counters counters = shared.counters();
    status =
        new MdnsStatus(
            links.size(),
            problem,
            links.values().stream().mapToInt(LinkTurn::peers).sum(),
            counters.sent,
            counters.received,
            counters.refused,
            counters.held);
  }

  /** Waits until its sockets are closed; the listener is not called any more. Idempotent. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("mDNS: {}", e.toString());
    }
  }
}
