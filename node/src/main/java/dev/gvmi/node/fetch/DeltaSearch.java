package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.delta.CopyPlan;
import dev.gvmi.node.delta.HeldSpans;
import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.transfer.DeltaClient;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what of an image lies in others that are held, before chunks are asked for: a delta
 * index is small, and each chunk that it spares is not. Holders are asked for it one after the
 * other, the next one when the one before does not hurry; the first that shows one is believed,
 * which costs little if it lies.
 *
 * <p><b>Thread:</b> the fetching one; a virtual thread per holder that is asked.
 */
final class DeltaSearch {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaSearch.class);

  /** The fetch waits no longer for a holder that begins to show one. */
  static final Duration DEADLINE = Duration.ofSeconds(2);

  /** A holder that was asked may take so long before the next one is asked, too. */
  private static final Duration NEXT = Duration.ofMillis(400);

  static final int MAX_ASKED = 4;

  /** When those that are known have none, another holder may still turn up for so long. */
  private static final Duration MORE = Duration.ofMillis(200);

  /**
   * What has begun to come may take so much longer: a second for each so many bytes that it can
   * have.
   */
  private static final int LEAST_BYTES_PER_SECOND = 256 << 10;

  private final Host host;
  private final DeltaStore deltas;
  private final Manifest manifest;
  private final LinkedBlockingQueue<Optional<DeltaIndex>> answers = new LinkedBlockingQueue<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicBoolean coming = new AtomicBoolean();
  private final Set<PeerId> asked = new HashSet<>();
  private final List<Thread> asking = new ArrayList<>();

  DeltaSearch(Host host, DeltaStore deltas, Manifest manifest) {
    this.host = host;
    this.deltas = deltas;
    this.manifest = manifest;
  }

  /**
   * What can be copied; empty where nothing can, or nobody says so in time.
   *
   * @param holders those that are known by now, best first
   */
  Optional<CopyPlan> plan(Supplier<List<PeerId>> holders) throws InterruptedException {
    if (deltas.isEmpty()) {
      return Optional.empty();
    }
    try {
      return ask(holders)
          .map(index -> new HeldSpans(deltas).plan(manifest.geometry(), index))
          .filter(plan -> !plan.chunks().isEmpty());
    } catch (StoreException e) {
      LOG.debug("all of {} is fetched: what is here cannot be looked up", manifest.image(), e);
      return Optional.empty();
    } finally {
      stopped.set(true);
      asking.forEach(Thread::interrupt);
    }
  }

  private Optional<DeltaIndex> ask(Supplier<List<PeerId>> holders) throws InterruptedException {
    long start = System.nanoTime();
    long nextAt = start;
    int failed = 0;
    while (!isLate(start)) {
      boolean allFailed = failed == asked.size();
      Optional<PeerId> next =
          holders.get().stream().filter(peer -> !asked.contains(peer)).findFirst();
      boolean mayAsk = next.isPresent() && asked.size() < MAX_ASKED;
      if (allFailed && !mayAsk && System.nanoTime() - start > MORE.toNanos()) {
        return Optional.empty();
      }
      if (mayAsk && (allFailed || System.nanoTime() - nextAt >= 0)) {
        PeerId peer = next.get();
        asked.add(peer);
        asking.add(Thread.ofVirtual().name("delta-" + peer).start(() -> fetch(peer)));
        nextAt = System.nanoTime() + NEXT.toNanos();
      }
      Optional<DeltaIndex> answer = answers.poll(NEXT.toMillis() / 8, TimeUnit.MILLISECONDS);
      if (answer != null && answer.isPresent()) {
        return answer;
      }
      failed += answer == null ? 0 : 1;
    }
    return Optional.empty();
  }

  private boolean isLate(long start) {
    long most = manifest.geometry().manifestBytes();
    long more = coming.get() ? TimeUnit.SECONDS.toNanos(most) / LEAST_BYTES_PER_SECOND : 0;
    return System.nanoTime() - start > DEADLINE.toNanos() + more;
  }

  private void fetch(PeerId peer) {
    Optional<DeltaIndex> index = Optional.empty();
    try {
      index = DeltaClient.fetch(host, peer, manifest, () -> coming.set(true), stopped::get);
    } catch (IOException e) {
      LOG.debug("no delta index of {} from {}: {}", manifest.image(), peer, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      answers.add(index);
    }
  }
}
