package dev.gvmi.node.gateway;

import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that are being fetched for requests, one fetch for each. A fetch goes on when its
 * readers have left: one that was reset comes back.
 *
 * <p><b>Thread:</b> any; a virtual thread per fetch.
 */
final class LiveImages implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveImages.class);

  private final ImageSource source;
  private final FetchGate gate;
  private final RangeTrust trust;
  private final Map<ImageId, LiveImage> running = new ConcurrentHashMap<>();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  LiveImages(ImageSource source, FetchGate gate, RangeTrust trust) {
    this.source = source;
    this.gate = gate;
    this.trust = trust;
  }

  /**
   * Somebody wants to read an image that is not held.
   *
   * @throws ImageGoneException if too much is being fetched
   */
  LiveImage.Reader join(ImageId image, Optional<OriginUrl> origin) throws ImageGoneException {
    LiveImage live = running.computeIfAbsent(image, id -> gate.begin() ? begin(id, origin) : null);
    if (live == null) {
      throw new ImageGoneException("too many images are being fetched to begin with " + image);
    }
    return live.join();
  }

  private LiveImage begin(ImageId image, Optional<OriginUrl> origin) {
    LiveImage live = new LiveImage(image, trust, System::nanoTime);
    Thread.Builder named = Thread.ofVirtual().name("gateway-" + image.hex().substring(0, 8));
    Thread thread = named.unstarted(() -> run(live, image, origin));
    threads.add(thread);
    thread.start();
    return live;
  }

  private void run(LiveImage live, ImageId image, Optional<OriginUrl> origin) {
    try {
      live.ended(source.fetch(image, origin, live, live));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      live.failed("the node stops");
    } catch (CancellationException | StoreException e) {
      live.failed(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("fetch of {} for the gateway failed", image, e);
      live.failed("a fault of this node");
    } finally {
      running.remove(image, live);
      threads.remove(Thread.currentThread());
      gate.ended();
    }
  }

  /** Ends all fetches and waits until they have let go. */
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
