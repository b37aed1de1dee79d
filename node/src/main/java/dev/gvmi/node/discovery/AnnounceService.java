package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.wire.Announcement;
import dev.gvmi.protocol.wire.WireLimits;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both sides of {@code /gvmi/announce}: tells each connected peer all that is here, then what
 * changes; keeps what they tell.
 *
 * <p>A stream carries the messages of one burst of news, in order; the next burst waits until it is
 * over.
 *
 * <p><b>Thread:</b> any; a virtual thread per peer that is being told.
 */
final class AnnounceService implements ConnectionListener {
  static final ProtocolId PROTOCOL = new ProtocolId(WireLimits.ANNOUNCE_PROTOCOL);

  private static final Logger LOG = LoggerFactory.getLogger(AnnounceService.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Between bursts to one peer: what changes meanwhile goes into one message. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final int SENDERS = 32;

  private final Host host;
  private final HeldImages held;
  private final InstantSource clock;
  private final BiConsumer<PeerId, ImageId> heard;
  private final Announcements announcements = new Announcements();
  private final Map<PeerId, Outbox> outboxes = new ConcurrentHashMap<>();
  private final Semaphore senders = new Semaphore(SENDERS);

  /**
   * @param heard is told of each image that a peer announces, and again when the peer has all of
   *     it; must not block
   */
  AnnounceService(
      Host host, HeldImages held, InstantSource clock, BiConsumer<PeerId, ImageId> heard) {
    this.host = host;
    this.held = held;
    this.clock = clock;
    this.heard = heard;
  }

  Announcements announcements() {
    return announcements;
  }

  /** Serves the protocol, and tells those who are connected. */
  void start() {
    host.handle(PROTOCOL, this::serve);
    host.addConnectionListener(this);
    host.peers().forEach(this::identified);
  }

  private void serve(Stream stream) throws IOException {
    stream.timeout(TIMEOUT);
    PeerId peer = stream.remotePeer();
    try {
      while (true) {
        byte[] message = LengthPrefixed.read(stream, WireLimits.MAX_MESSAGE_BYTES);
        if (!announcements.admit(peer, clock.instant())) {
          stream.reset(StreamErrors.RATE_LIMITED.code());
          return;
        }
        announcements
            .take(peer, Announcement.decode(message))
            .forEach(image -> heard.accept(peer, image));
      }
    } catch (EOFException end) {
      stream.closeWrite();
    } finally {
      if (host.peer(peer).isEmpty()) {
        announcements.forget(peer);
      }
    }
  }

  @Override
  public void connected(PeerInfo peer) {
    identified(peer);
  }

  @Override
  public void identified(PeerInfo peer) {
    if (!peer.protocols().contains(PROTOCOL)) {
      return;
    }
    Outbox outbox = new Outbox();
    if (outboxes.putIfAbsent(peer.id(), outbox) == null) {
      held.all().forEach(outbox::gained);
      send(peer.id(), outbox);
    }
  }

  @Override
  public void disconnected(PeerInfo peer) {
    outboxes.remove(peer.id());
    announcements.forget(peer.id());
  }

  /** More of an image is here than peers were told. */
  void gained(ImageId image) {
    held.of(image)
        .ifPresent(gained ->
            outboxes.forEach((peer, outbox) -> {
              outbox.gained(gained);
              send(peer, outbox);
            }));
  }

  void dropped(ImageId image) {
    outboxes.forEach((peer, outbox) -> {
      outbox.dropped(image);
      send(peer, outbox);
    });
  }

  private void send(PeerId peer, Outbox outbox) {
    if (outbox.beginToSend()) {
      Thread.ofVirtual()
          .name("announce-" + peer.toShortString())
          .start(() -> sendAll(peer, outbox));
    }
  }

  private void sendAll(PeerId peer, Outbox outbox) {
    try {
      do {
        senders.acquire();
        try {
          sendBurst(peer, outbox);
        } finally {
          senders.release();
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      } while (!outbox.finished());
    } catch (IOException e) {
      LOG.debug("announcing to {}: {}", peer.toShortString(), e.toString());
      outbox.giveUp();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outbox.giveUp();
    }
  }

  private void sendBurst(PeerId peer, Outbox outbox) throws IOException {
    try (Stream stream = host.newStream(peer, TIMEOUT, PROTOCOL)) {
      stream.timeout(TIMEOUT);
      for (Optional<Announcement> next = outbox.next(); next.isPresent(); next = outbox.next()) {
        LengthPrefixed.write(stream, next.get().encode());
      }
      stream.closeWrite();
    }
  }
}
