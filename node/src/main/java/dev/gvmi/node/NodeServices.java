package dev.gvmi.node;

import dev.gvmi.node.control.ControlClient;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Where a command gets its node from. */
public final class NodeServices {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final long AGAIN_MILLIS = 100;

  private NodeServices() {}

  /**
   * The daemon that holds the data directory, or else a node in this process, which listens if the
   * configuration names addresses.
   *
   * <p>A daemon that is just starting or stopping holds the directory without answering: it is
   * waited for, up to 3 s.
   *
   * @throws ServiceException of kind UNREACHABLE if somebody holds the directory and does not
   *     answer
   */
  public static NodeService open(NodeConfig config) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<NodeService> daemon = ControlClient.connect(config.dataDir());
      if (daemon.isPresent()) {
        return daemon.get();
      }
      try {
        return inProcess(config);
      } catch (ServiceException e) {
        boolean inUse =
            e.getCause() instanceof StoreException fault
                && fault.kind() == StoreException.Kind.IN_USE;
        if (!inUse) {
          throw e;
        }
        if (System.nanoTime() > end) {
          throw new ServiceException(
              ServiceException.Kind.UNREACHABLE,
              e.getMessage() + ", which does not answer: wait for it, or end it",
              e);
        }
      }
      pause();
    }
  }

  private static NodeService inProcess(NodeConfig config) {
    Node node = Node.open(config);
    if (!config.listen().isEmpty()) {
      try {
        node.startDaemon();
      } catch (RuntimeException e) {
        node.close();
        throw e;
      }
    }
    return node.service();
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ServiceException.Kind.INTERRUPTED, "interrupted", e);
    }
  }
}
