package dev.gvmi.node.log;

import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator is told while a daemon runs: start, stop, and what became of images.
 * <b>Thread:</b> any.
 */
public final class NodeLog {
  private static final Logger LOG = LoggerFactory.getLogger(NodeLog.class);
  private static final double MEGABYTE = 1e6;

  private NodeLog() {}

  public static void started(String peerId, List<String> addresses) {
    LOG.info("started as {}, listening on {}", peerId, String.join(", ", addresses));
  }

  public static void servesHttp(String address) {
    LOG.info("serves images by HTTP at {}", address);
  }

  /** At the start. */
  public static void knowsNobody() {
    LOG.info(
        "no bootstrap peers are known: others are found on this LAN only; join a network with --bootstrap MULTIADDR (docs/operator.md)");
  }

  public static void stopped() {
    LOG.info("stopped");
  }

  public static void noLocalNetwork(String reason) {
    LOG.warn("peers of the local network are not found: {}", reason);
  }

  public static void published(String image, long bytes) {
    LOG.info("published {} ({})", image, megabytes(bytes));
  }

  /** By a client of the registry. */
  public static void pushed(String image, long bytes) {
    LOG.info("{} ({}) was pushed, and is verified", image, megabytes(bytes));
  }

  public static void notPushed(String image, String reason) {
    LOG.info("{} was pushed and is refused: {}", image, reason);
  }

  public static void tagged(String tag, String image) {
    LOG.info("{} is {} from now on", tag, image);
  }

  public static void fetched(String image, long bytes, int sources, long elapsedMillis) {
    LOG.info(
        "fetched {} ({}) from {} {} in {} s, verified",
        image,
        megabytes(bytes),
        sources,
        sources == 1 ? "peer" : "peers",
        String.format(Locale.ROOT, "%.1f", elapsedMillis / 1000.0));
  }

  public static void notFetched(String image, String reason) {
    LOG.info("did not fetch {}: {}", image, reason);
  }

  public static void placed(String image, String file) {
    LOG.info("placed {} as {}", image, file);
  }

  public static void placedLater(String image, String folder) {
    LOG.info("{} will be placed in {} when that folder is there", image, folder);
  }

  public static void notPlaced(String image, String reason) {
    LOG.warn("could not place {}: {}", image, reason);
  }

  /** At the start. */
  public static void notServed(String image) {
    LOG.warn("{} is damaged and not served: 'gvmi-p2p verify {}' repairs it", image, image);
  }

  public static void damaged(String image, int damagedChunks, int chunks) {
    LOG.info(
        "{} is damaged: {} of {} chunks; it is not served any more", image, damagedChunks, chunks);
  }

  public static void repaired(String image, int chunks) {
    LOG.info("repaired {}: {} chunks", image, chunks);
  }

  /** At the start. */
  public static void noHook(String reason) {
    LOG.warn("the hook beside the runtime is idle: {}", reason);
  }

  public static void removed(String image, long freedBytes) {
    LOG.info("removed {} ({} freed)", image, megabytes(freedBytes));
  }

  /** To make room. */
  public static void evicted(String image, long bytes) {
    LOG.info("evicted {} ({}), to make room", image, megabytes(bytes));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE);
  }
}
