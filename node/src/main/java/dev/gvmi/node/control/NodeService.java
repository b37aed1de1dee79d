package dev.gvmi.node.control;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node can be asked to do. Implemented by the node itself (in process) and by the client of a daemon's control port; both behave the same. All types are
 * plain data that goes through JSON unchanged; ids are lower-case hex.
 *
 * <p><b>Thread:</b> any; calls block. An interrupt cancels the call (a fetch stops and keeps what it has).
 *
 * <p><b>Errors:</b> {@link ServiceException} with the one line for the user and the kind that becomes the exit code.
 */
public interface NodeService extends AutoCloseable {
  PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress);

  /** Finds, fetches, verifies and places an image. Expected outcomes are results, not exceptions. */
  PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress);

  List<ImageSummary> list();

  ImageDetails inspect(String image);

  NodeStatus status();

  /** Asks a daemon to stop; in process it does nothing. */
  void stop();

  @Override
  void close();

  /**
   * A file to import.
   *
   * @param url goes into the task package, or null
   */
  record PublishRequest(Path file, @Nullable String url) {}

  record PublishResult(String image, String manifest, long bytes, int chunks, @Nullable String taskPackage, Path path, boolean alreadyHeld, long elapsedMs) {}

  /**
   * An image to fetch.
   *
   * @param image any form of IMAGE
   * @param peers multiaddrs with /p2p
   * @param to a copy goes there, or null
   * @param runtimeCache where to place; null: as the node is configured; "none": nowhere
   */
  record PrefetchRequest(String image, List<String> peers, @Nullable Path to, @Nullable Duration timeout, @Nullable String runtimeCache) {}

  enum Outcome { COMPLETE, NOT_FOUND, INCOMPLETE, VERIFICATION_FAILED, NO_SPACE, TIMED_OUT, NOT_PLACED }

  /**
   * How a fetch ended.
   *
   * @param path the file in the store when it is held
   * @param placed the file in the runtime's cache, or null
   * @param sources bytes by peer id, "origin", "local"
   * @param message one line for the user: reason and what to do; empty when complete
   */
  record PrefetchResult(Outcome outcome, String image, @Nullable String manifest, long bytes, @Nullable String path, @Nullable String placed, Map<String, Long> sources, long wastedBytes, long elapsedMs, String message) {}

  /** How far a call has come. {@code phase}: finding, fetching, verifying, placing, importing. {@code event} is null, or a line worth telling once (a peer was dropped, ...). */
  record ProgressEvent(String phase, long doneBytes, long totalBytes, long bytesPerSecond, int peers, @Nullable String event) {}

  /** {@code complete} false: being fetched, {@code heldBytes} of {@code bytes} are here. */
  record ImageSummary(String image, String manifest, long bytes, long heldBytes, boolean complete, @Nullable Instant completedAt, String path) {}

  record ImageDetails(String image, String manifest, long bytes, int chunks, int segments, int segmentBytes, boolean complete, String path, List<String> notes) {}

  record NodeStatus(String peerId, String version, List<String> addresses, Path dataDir, @Nullable Path runtimeCache, int images, int partials, long heldBytes, int peers, long receivedBytes, long sentBytes, long uptimeMs, boolean daemon) {}
}
