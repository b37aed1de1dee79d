package dev.gvmi.node.runtime.hook;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the wrappers of this machine while a daemon runs. It is told of requests by the file
 * system, and looks every 20 ms where that cannot tell.
 *
 * <p><b>Thread:</b> owner thread {@code runtime-hook}; {@link #close} any.
 */
public final class HookWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HookWatcher.class);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration CLEAN = Duration.ofMinutes(1);

  /** An event that got lost costs no more than this. */
  private static final Duration AT_MOST = Duration.ofMillis(200);

  private final HookFolder folder;
  private final InstantSource clock;
  private final @Nullable WatchService events;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private HookWatcher(HookFolder folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
    this.events = watch(folder.path());
    this.thread = Thread.ofPlatform().name("runtime-hook").daemon().unstarted(this::run);
  }

  /**
   * Begins to answer.
   *
   * @param gateway where images are served on this machine; while there is no such place,
   *     agreements are left as they are
   * @throws IOException if the folder cannot be made: the hook is then idle, and the exe-unit
   *     starts as without it
   */
  public static HookWatcher start(
      Path dataDir, Supplier<Optional<InetSocketAddress>> gateway, InstantSource clock)
      throws IOException {
    return start(
        new HookFolder(
            dataDir, () -> gateway.get().map(HookWatcher::authority), clock, HookLimits.DEFAULT),
        clock);
  }

  static HookWatcher start(HookFolder folder, InstantSource clock) throws IOException {
    folder.open();
    HookWatcher watcher = new HookWatcher(folder, clock);
    watcher.thread.start();
    return watcher;
  }

  /** As it stands in a URL; a server of all addresses is reached at loopback. */
  static String authority(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host =
        ip == null ? address.getHostString() : ip.isAnyLocalAddress() ? "127.0.0.1" : text(ip);
    return host + ":" + address.getPort();
  }

  private static String text(InetAddress ip) {
    String plain = ip.getHostAddress();
    int zone = plain.indexOf('%');
    return ip instanceof Inet6Address
        ? "[" + (zone < 0 ? plain : plain.substring(0, zone)) + "]"
        : plain;
  }

  private static @Nullable WatchService watch(Path folder) {
    try {
      WatchService service = folder.getFileSystem().newWatchService();
      folder.register(service, StandardWatchEventKinds.ENTRY_CREATE);
      return service;
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("{} is looked into every {} ms", folder, LOOK.toMillis(), e);
      return null;
    }
  }

  private void run() {
    Instant cleaned = Instant.MIN;
    try {
      while (stopped.getCount() > 0) {
        boolean more = folder.answerAll();
        if (cleaned.isBefore(clock.instant().minus(CLEAN))) {
          folder.clean();
          cleaned = clock.instant();
        }
        if (!more) {
          await();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      LOG.debug("the hook ends");
    } catch (RuntimeException e) {
      LOG.error("the runtime's hook does not answer any more", e);
      folder.close();
    }
  }

  private void await() throws InterruptedException {
    if (events == null) {
      boolean ended = stopped.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      LOG.trace("ended: {}", ended);
      return;
    }
    WatchKey key = events.poll(AT_MOST.toMillis(), TimeUnit.MILLISECONDS);
    if (key != null) {
      key.pollEvents().clear();
      key.reset();
    }
  }

  /** Wrappers ask no more; one that is being answered still is. */
  @Override
  public void close() {
    folder.close();
    stopped.countDown();
    try {
      if (events != null) {
        events.close();
      }
      thread.join(Duration.ofSeconds(2));
    } catch (IOException e) {
      LOG.debug("the watch on {} is not closed", folder.path(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
