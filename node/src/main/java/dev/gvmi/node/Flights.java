package dev.gvmi.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.fetch.Arriving;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.fetch.Prefetcher;
import dev.gvmi.node.fetch.ProgressSink;
import dev.gvmi.node.fetch.ReadPosition;
import dev.gvmi.node.fetch.Wish;
import dev.gvmi.node.metrics.NodeMetrics;
import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.schedule.FetchShares;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs fetches, one at a time for an image: who asks for an image that is being fetched sees that
 * fetch's progress, and takes over when it ended without the image. Who waits for an image that is
 * fetched ahead ends that fetch, and goes on with what has come: with the peers and the origin that
 * it knows.
 *
 * <p><b>Thread:</b> any; a virtual thread per fetch, which an interrupt of the caller or the end of
 * its time ends too.
 */
final class Flights {
  private static final long LOOK_MILLIS = 250;

  private final Prefetcher prefetcher;
  private final NodeMetrics metrics;
  private final Map<ImageId, Flight> flights = new ConcurrentHashMap<>();

  /** Who reads what is being fetched, whoever began the fetch. */
  private final Map<ImageId, List<ReadPosition>> readers = new ConcurrentHashMap<>();

  private static final class Flight implements ProgressSink {
    final CountDownLatch landed = new CountDownLatch(1);
    final ProgressSink sink;
    final Thread thread = Thread.currentThread();
    final FetchShares.Priority priority;

    /** Why it was ended from outside. */
    volatile @Nullable String ended;

    volatile @Nullable FetchProgress last;

    @GuardedBy("this")
    private @Nullable Arriving image;

    /** Those who watch it: told of what arrives in the same order as who began it. */
    @GuardedBy("this")
    private final List<ProgressSink> watchers = new ArrayList<>();

    Flight(ProgressSink sink, FetchShares.Priority priority) {
      this.sink = sink;
      this.priority = priority;
    }

    void end(String why) {
      ended = why;
      thread.interrupt();
    }

    synchronized void watch(ProgressSink watcher) {
      watchers.add(watcher);
      if (image != null) {
        watcher.arriving(image);
      }
    }

    synchronized void leave(ProgressSink watcher) {
      watchers.remove(watcher);
    }

    @Override
    public void progress(FetchProgress progress) {
      last = progress;
      sink.progress(progress);
    }

    @Override
    public synchronized void arriving(Arriving arriving) {
      image = arriving;
      sink.arriving(arriving);
      watchers.forEach(watcher -> watcher.arriving(arriving));
    }

    @Override
    public void note(String line) {
      sink.note(line);
    }
  }

  Flights(Prefetcher prefetcher, NodeMetrics metrics) {
    this.prefetcher = prefetcher;
    this.metrics = metrics;
  }

  /**
   * Fetches an image.
   *
   * @param limit null for as long as it takes
   * @throws TimeoutException when the time is up; what has come is kept
   * @throws CancellationException if {@link #cancel} ended it
   */
  FetchOutcome fetch(
      ImageId image, List<Multiaddr> peers, @Nullable Duration limit, ProgressSink sink)
      throws InterruptedException, TimeoutException {
    return fetch(image, peers, limit, sink, wish(image, null));
  }

  /**
   * Like {@link #fetch(ImageId, List, Duration, ProgressSink)}, and from an origin, too, unless
   * that is null.
   */
  FetchOutcome fetch(
      ImageId image,
      List<Multiaddr> peers,
      @Nullable Duration limit,
      @Nullable Origin origin,
      ProgressSink sink)
      throws InterruptedException, TimeoutException {
    return fetch(image, peers, limit, sink, wish(image, origin));
  }

  /**
   * For somebody who reads what comes, as long as it takes; of several the one that is least far is
   * served first.
   */
  FetchOutcome fetch(ImageId image, @Nullable Origin origin, ReadPosition reader, ProgressSink sink)
      throws InterruptedException, TimeoutException {
    if (!reader.equals(ReadPosition.NONE)) {
      readers.compute(image, (id, known) -> joined(known, reader));
    }
    try {
      return fetch(image, List.of(), null, sink, wish(image, origin));
    } finally {
      readers.computeIfPresent(image, (id, known) -> without(known, reader));
    }
  }

  /**
   * For nobody yet.
   *
   * @throws CancellationException also if somebody came who waits for it
   */
  FetchOutcome fetchAhead(ImageId image, @Nullable Origin origin, ProgressSink sink)
      throws InterruptedException, TimeoutException {
    Wish wish = new Wish(FetchShares.Priority.WARM_UP, ReadPosition.NONE, origin);
    return fetch(image, List.of(), null, sink, wish);
  }

  /** A fetch follows whoever reads, also those that come later. */
  private Wish wish(ImageId image, @Nullable Origin origin) {
    return new Wish(FetchShares.Priority.TASK, () -> least(image), origin);
  }

  private static List<ReadPosition> joined(
      @Nullable List<ReadPosition> known, ReadPosition reader) {
    return known == null
        ? List.of(reader)
        : Stream.concat(known.stream(), Stream.of(reader)).toList();
  }

  private static @Nullable List<ReadPosition> without(
      List<ReadPosition> known, ReadPosition reader) {
    List<ReadPosition> rest = known.stream().filter(each -> !each.equals(reader)).toList();
    return rest.isEmpty() ? null : rest;
  }

  private long least(ImageId image) {
    return readers.getOrDefault(image, List.of()).stream()
        .mapToLong(ReadPosition::bytes)
        .filter(position -> position >= 0)
        .min()
        .orElse(-1);
  }

  private FetchOutcome fetch(
      ImageId image, List<Multiaddr> peers, @Nullable Duration limit, ProgressSink sink, Wish wish)
      throws InterruptedException, TimeoutException {
    FutureTask<FetchOutcome> task = new FutureTask<>(() -> fly(image, peers, wish, sink));
    Thread thread = Thread.ofVirtual().name("prefetch-" + image.hex().substring(0, 8)).start(task);
    try {
      return limit == null ? task.get() : task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      land(thread);
    }
  }

  /**
   * Ends the fetch of this image, if there is one, for all who wait for it; returns when it has let
   * go of its partial image.
   */
  void cancel(ImageId image) throws InterruptedException {
    Flight flight = flights.get(image);
    if (flight != null) {
      flight.end("the image was removed");
      flight.landed.await();
    }
  }

  private static RuntimeException rethrown(ExecutionException failure) throws InterruptedException {
    return switch (failure.getCause()) {
      case InterruptedException e -> throw e;
      case RuntimeException e -> e;
      case Error e -> throw e;
      case null, default -> new IllegalStateException("fetch failed", failure);
    };
  }

  /** Waits until the fetch has closed its partial image, which takes no longer than a sync. */
  private static void land(Thread thread) {
    thread.interrupt();
    Threads.awaitEnd(thread);
  }

  private FetchOutcome fly(ImageId image, List<Multiaddr> peers, Wish wish, ProgressSink sink)
      throws InterruptedException {
    Flight mine = new Flight(sink, wish.priority());
    for (Flight other = flights.putIfAbsent(image, mine);
        other != null;
        other = flights.putIfAbsent(image, mine)) {
      if (other.priority == FetchShares.Priority.WARM_UP
          && wish.priority() == FetchShares.Priority.TASK) {
        other.end("somebody waits for it");
        other.landed.await();
      } else {
        watch(other, sink);
      }
    }
    boolean counted = false;
    try {
      FetchOutcome outcome = prefetcher.prefetch(image, peers, wish, mine);
      metrics.fetched(outcome);
      counted = true;
      return outcome;
    } catch (InterruptedException e) {
      if (mine.ended != null) {
        throw new CancellationException(mine.ended);
      }
      throw e;
    } finally {
      if (!counted) {
        metrics.fetchFailed();
      }
      flights.remove(image, mine);
      mine.landed.countDown();
    }
  }

  private static void watch(Flight other, ProgressSink sink) throws InterruptedException {
    other.watch(sink);
    try {
      boolean landed = false;
      while (!landed) {
        ProgressSink.FetchProgress progress = other.last;
        if (progress != null) {
          sink.progress(progress);
        }
        landed = other.landed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
    } finally {
      other.leave(sink);
    }
    if (other.ended != null) {
      throw new CancellationException(other.ended);
    }
  }
}
