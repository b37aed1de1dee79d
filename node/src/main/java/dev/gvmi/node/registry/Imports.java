package dev.gvmi.node.registry;

import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.InvalidImageException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes images whose chunks are all here into the store, as a publication does: verified whole,
 * with a manifest, and announced. One after the other, on threads of their own, so that a client
 * that goes away costs nothing.
 *
 * <p><b>Thread:</b> any.
 */
final class Imports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
  private static final long PATIENCE_MINUTES = 10;

  private final Publisher publisher;
  private final BiConsumer<Upload, @Nullable String> ended;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Map<Upload, CompletableFuture<Void>> running = new ConcurrentHashMap<>();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /**
   * @param ended is told of an upload that is over, and why it was not taken; null if it was
   */
  Imports(Publisher publisher, BiConsumer<Upload, @Nullable String> ended) {
    this.publisher = publisher;
    this.ended = ended;
  }

  boolean isRunning(Upload upload) {
    return running.containsKey(upload);
  }

  /** Begins it, if it has not begun. */
  CompletableFuture<Void> begin(Upload upload) {
    return running.computeIfAbsent(
        upload,
        full -> {
          CompletableFuture<Void> end = new CompletableFuture<>();
          Thread thread =
              Thread.ofPlatform().name("import").daemon().unstarted(() -> run(full, end));
          threads.add(thread);
          thread.start();
          return end;
        });
  }

  /** Begins it, and returns when the image is held. */
  void await(Upload upload) throws IOException, InterruptedException {
    try {
      begin(upload).get(PATIENCE_MINUTES, TimeUnit.MINUTES);
    } catch (TimeoutException e) {
      LOG.debug("{} is still being imported", upload.descriptor().image()); // its status tells
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException known -> throw known;
        case RuntimeException known -> throw known;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void run(Upload upload, CompletableFuture<Void> end) {
    try {
      turn.lockInterruptibly();
      try {
        take(upload);
      } finally {
        turn.unlock();
      }
      end.complete(null);
    } catch (InterruptedException | ClosedByInterruptException e) {
      end.completeExceptionally(new RefusedException(503, "the node stops"));
    } catch (IOException e) {
      end.completeExceptionally(
          e instanceof RefusedException ? e : StoreException.of("import the image", e));
    } catch (RuntimeException e) {
      end.completeExceptionally(e);
    } finally {
      running.remove(upload, end);
      threads.remove(Thread.currentThread());
    }
  }

  private void take(Upload upload) throws IOException {
    Descriptor descriptor = upload.descriptor();
    try {
      publisher.takeOver(upload.file(), descriptor.image());
    } catch (InvalidImageException e) {
      String why = Objects.requireNonNullElse(e.getMessage(), "it is no image");
      NodeLog.notPushed(descriptor.image().hex(), why);
      ended.accept(upload, why);
      throw new RefusedException(422, "the image is refused: " + why);
    }
    NodeLog.pushed(descriptor.image().hex(), descriptor.sizeBytes());
    ended.accept(upload, null);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
