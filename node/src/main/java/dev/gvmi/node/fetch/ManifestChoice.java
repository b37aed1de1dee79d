package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Fetches the manifest that is believed most. Until it is chosen an id costs the question for it
 * only; then one peer is asked to show the manifest, and when it does not hurry, the next one
 * beside it.
 *
 * <p><b>Thread:</b> {@link #next} is the fetching thread's; a virtual thread per manifest that is
 * under way.
 */
final class ManifestChoice implements AutoCloseable {
  /** After the first answer, so long others may answer before the votes are counted. */
  private static final Duration COUNT_AFTER = Duration.ofMillis(500);

  /** So long those that the user named may take to be asked. */
  private static final Duration NAMED_AFTER = Duration.ofSeconds(3);

  /** A manifest that takes longer than this is fetched from another peer, too. */
  private static final Duration SLOW = Duration.ofSeconds(2);

  private static final int MAX_DOWNLOADS = 16;

  private static final Duration LOOK = Duration.ofMillis(10);

  private final Host host;
  private final ImageId image;
  private final ManifestVotes votes;
  private final Holders holders;
  private final long start = System.nanoTime();
  private long firstAnswer;
  private final Map<ManifestId, Manifest> manifests = new ConcurrentHashMap<>();
  private final Map<PeerId, Download> downloads = new ConcurrentHashMap<>();

  private record Download(ManifestId manifest, long start, AtomicBoolean stopped) {}

  ManifestChoice(Host host, ImageId image, ManifestVotes votes, Holders holders) {
    this.host = host;
    this.image = image;
    this.votes = votes;
    this.holders = holders;
  }

  /**
   * The manifest to try next; empty when the origin has brought the image, or has come to nothing
   * when all have been asked and there is none.
   */
  Optional<Manifest> next(OriginRace origin) throws InterruptedException {
    while (true) {
      origin.report();
      if (origin.isDone()) {
        return Optional.empty();
      }
      // in this order: a peer that answers or fails meanwhile is seen in the next round at the
      // latest
      boolean allAsked = holders.allAsked();
      boolean nothingUnderWay = downloads.isEmpty();
      List<ManifestId> ranked = votes.ranked();
      if (isRipe(ranked, allAsked)) {
        Optional<Manifest> best = best(ranked);
        if (best.isPresent()) {
          stopDownloads();
          return best;
        }
      } else if (allAsked && nothingUnderWay && ranked.isEmpty() && !origin.isUnderWay()) {
        return Optional.empty();
      }
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
  }

  /** Whether what more peers could say is not worth waiting for. */
  private boolean isRipe(List<ManifestId> ranked, boolean allAsked) {
    if (ranked.isEmpty()) {
      return false;
    }
    long now = System.nanoTime();
    firstAnswer = firstAnswer == 0 ? now : firstAnswer;
    boolean namedAsked = holders.allNamedAsked() || now - start > NAMED_AFTER.toNanos();
    boolean counted = now - firstAnswer > COUNT_AFTER.toNanos();
    ManifestId first = ranked.getFirst();
    return allAsked
        || votes.isTrusted(first)
        || (namedAsked && (counted || votes.isProvedBefore(first)));
  }

  /** The first one that is here, unless one in front of it is about to come. */
  private Optional<Manifest> best(List<ManifestId> ranked) {
    for (ManifestId id : ranked) {
      Manifest manifest = manifests.get(id);
      if (manifest != null) {
        return Optional.of(manifest);
      }
      if (isAboutToCome(id) || start(id)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isAboutToCome(ManifestId id) {
    long now = System.nanoTime();
    return downloads.values().stream()
        .anyMatch(
            download -> download.manifest().equals(id) && now - download.start() < SLOW.toNanos());
  }

  /** Whether the manifest is asked of one more peer. */
  private boolean start(ManifestId id) {
    Optional<PeerId> peer =
        votes.vouchers(id).stream().filter(voucher -> !downloads.containsKey(voucher)).findFirst();
    if (peer.isEmpty() || downloads.size() >= MAX_DOWNLOADS) {
      return false;
    }
    Download download = new Download(id, System.nanoTime(), new AtomicBoolean());
    downloads.put(peer.get(), download);
    Thread.ofVirtual().name("manifest-" + peer.get()).start(() -> download(peer.get(), download));
    return true;
  }

  private void download(PeerId peer, Download download) {
    try {
      Optional<Manifest> manifest =
          ManifestClient.fetch(host, peer, image, download.manifest(), download.stopped()::get);
      if (manifest.isPresent()) {
        manifests.put(download.manifest(), manifest.get());
      } else {
        votes.mute(peer);
        holders.told("peer " + peer + " does not show the manifest that it names");
      }
    } catch (ProtocolException e) {
      votes.discredit(peer);
      holders.told("peer " + peer + " lied about its manifest: " + e.getMessage());
    } catch (IOException e) {
      if (!download.stopped().get()) {
        holders.left(peer);
        holders.told("manifest of peer " + peer + ": " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      downloads.remove(peer, download);
    }
  }

  /** What is under way is of no use now, and may be slow on purpose. */
  private void stopDownloads() {
    downloads.values().forEach(download -> download.stopped().set(true));
    downloads.clear();
  }

  /** Forgets manifests that are of no use any more. */
  void forget(ManifestId id) {
    manifests.remove(id);
  }

  @Override
  public void close() {
    stopDownloads();
  }
}
