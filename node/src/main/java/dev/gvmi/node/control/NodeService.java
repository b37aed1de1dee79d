package dev.gvmi.node.control;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node can be asked to do. Implemented by the node itself (in process) and by the client of
 * a daemon's control port; both behave the same. All types are plain data that goes through JSON
 * unchanged; ids are lower-case hex.
 *
 * <p><b>Thread:</b> any; calls block. An interrupt cancels the call (a fetch stops and keeps what
 * it has).
 *
 * <p><b>Errors:</b> {@link ServiceException} with the one line for the user and the kind that
 * becomes the exit code.
 */
public interface NodeService extends AutoCloseable {
  PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress);

  /**
   * Finds, fetches, verifies and places an image. Expected outcomes are results, not exceptions.
   */
  PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress);

  List<ImageSummary> list();

  ImageDetails inspect(String image);

  /** How much of an image, held or in a file, lies in others that are held. */
  SharedResult shared(SharedRequest request);

  NodeStatus status();

  /**
   * Ids of all images that can be verified, ordered: the complete ones, those that are damaged and
   * not served any more included.
   */
  List<String> auditable();

  /**
   * Reads an image again whole, and repairs it from peers if it is damaged. Expected outcomes are
   * results, not exceptions.
   */
  VerifyResult verify(VerifyRequest request, Consumer<ProgressEvent> progress);

  /**
   * Removes an image, complete or not, and what of it is placed in the runtime's cache. An image
   * that is not held is a result, not an exception.
   */
  RemoveResult remove(RemoveRequest request);

  /**
   * Who holds an image: asks the DHT, the LAN and connected peers, and each whom they name. Nobody
   * is a result, not an exception.
   */
  FindResult find(FindRequest request);

  /**
   * Pins an image, complete or partial, so that it is never evicted, or takes the pin off. An image
   * that is not held is a result, not an exception.
   */
  PinResult pin(PinRequest request);

  /** Who is connected, each asked for a round trip. */
  List<PeerSummary> peers();

  /** Peers that were found out since the start, connected or not; the latest first. */
  List<BanSummary> bans();

  /** How much the node takes on. */
  List<LimitSummary> limits();

  /** Changes limits for as long as the node runs. @return all of them, as they are now */
  List<LimitSummary> limit(LimitsRequest request);

  /** Asks a daemon to stop; in process it does nothing. */
  void stop();

  @Override
  void close();

  /**
   * A file to import.
   *
   * @param url goes into the task package, or null
   */
  record PublishRequest(Path file, @Nullable String url) {
    public PublishRequest {
      requireNonNull(file, "file is missing");
    }
  }

  record PublishResult(
      String image,
      String manifest,
      long bytes,
      int chunks,
      @Nullable String taskPackage,
      Path path,
      boolean alreadyHeld,
      long elapsedMs) {}

  /**
   * An image to fetch.
   *
   * @param image any form of IMAGE
   * @param peers multiaddrs with /p2p
   * @param to a copy goes there, or null
   * @param runtimeCache where to place, a folder in each line; null: as the node is configured;
   *     "none": nowhere
   * @param noOrigin whether it may come from peers only
   * @param allowPrivateOrigin whether it may come from a private address though the node is not
   *     configured so
   */
  record PrefetchRequest(
      String image,
      List<String> peers,
      @Nullable Path to,
      @Nullable Duration timeout,
      @Nullable String runtimeCache,
      boolean noOrigin,
      boolean allowPrivateOrigin) {
    /** From wherever it is to be had. */
    public PrefetchRequest(
        String image,
        List<String> peers,
        @Nullable Path to,
        @Nullable Duration timeout,
        @Nullable String runtimeCache) {
      this(image, peers, to, timeout, runtimeCache, false, false);
    }

    public PrefetchRequest {
      requireNonNull(image, "image is missing");
      peers = List.copyOf(requireNonNull(peers, "peers are missing"));
    }
  }

  /**
   * An image to verify.
   *
   * @param peers multiaddrs with /p2p, asked besides those that are connected
   * @param runtimeCache where it may be placed; null: as the node is configured; "none": nowhere
   */
  record VerifyRequest(String image, List<String> peers, @Nullable String runtimeCache) {}

  /**
   * How a verification ended: COMPLETE (sound, or repaired), NOT_FOUND, VERIFICATION_FAILED
   * (damaged and not repaired), NO_SPACE, NOT_PLACED (repaired, but not in the runtime's cache).
   *
   * @param chunks of the image; 0 if its manifest is damaged too
   * @param damagedChunks that were found damaged
   * @param sources repaired bytes by peer id
   * @param replaced names in the runtime's cache that were of the damaged file, and are of the
   *     repaired one
   * @param removed such names that are gone
   * @param left such names that are still of the damaged file, each with the reason
   * @param message one line for the user: what is wrong and what to do; empty when complete
   */
  record VerifyResult(
      Outcome outcome,
      String image,
      @Nullable String manifest,
      long bytes,
      int chunks,
      int damagedChunks,
      boolean repaired,
      Map<String, Long> sources,
      List<String> replaced,
      List<String> removed,
      List<String> left,
      long elapsedMs,
      String message) {}

  record RemoveRequest(String image, @Nullable String runtimeCache) {}

  /**
   * What a removal did: COMPLETE or NOT_FOUND.
   *
   * @param freedBytes on the disk
   * @param removed names in the runtime's cache that are gone with it
   * @param left such names that are kept, each with the reason
   */
  record RemoveResult(
      Outcome outcome,
      String image,
      long freedBytes,
      List<String> removed,
      List<String> left,
      String message) {}

  record SharedRequest(String image, Path file) {
    public SharedRequest {
      requireNonNull(image, "image is missing");
      requireNonNull(file, "file is missing");
    }
  }

  /**
   * How much of an image lies in others.
   *
   * @param bytes null for an image that has no delta index, as it would be too long
   */
  record SharedResult(@Nullable Long bytes) {}

  record PinRequest(String image, boolean pinned) {
    public PinRequest {
      requireNonNull(image, "image is missing");
    }
  }

  /** What became of a pin: COMPLETE or NOT_FOUND. */
  record PinResult(Outcome outcome, String image, boolean pinned, String message) {}

  /**
   * What a peer did.
   *
   * @param banned whether it is not asked for the image again
   */
  record BanSummary(
      String peerId, String shortId, String image, boolean banned, String reason, Instant at) {}

  /**
   * A connected peer; what is null is not known.
   *
   * @param images that came from it since this node started
   */
  record PeerSummary(
      String peerId,
      String shortId,
      String address,
      boolean inbound,
      @Nullable String agent,
      List<String> protocols,
      @Nullable String security,
      @Nullable String muxer,
      @Nullable Integer streams,
      @Nullable Long receivedBytes,
      @Nullable Long sentBytes,
      List<String> images,
      @Nullable Instant connectedAt,
      @Nullable Long roundTripMicros,
      @Nullable String foundBy) {}

  /**
   * An image to find.
   *
   * @param peers multiaddrs with /p2p, asked besides
   * @param limit when to stop looking, or null for a few seconds
   */
  record FindRequest(String image, List<String> peers, @Nullable Duration limit) {
    public FindRequest {
      requireNonNull(image, "image is missing");
      peers = List.copyOf(requireNonNull(peers, "peers are missing"));
    }
  }

  /**
   * A peer that holds an image.
   *
   * @param foundBy named, connected, announced, lan, dht, ...
   * @param complete all of it, verified; else a part
   */
  record HolderSummary(
      String peerId,
      String shortId,
      String address,
      String foundBy,
      boolean complete,
      String manifest,
      @Nullable Long roundTripMicros) {}

  /**
   * Who holds an image: COMPLETE, or NOT_FOUND.
   *
   * @param asked peers that answered, those that do not hold it included
   * @param message one line for the user: why nobody was found; empty when somebody was
   */
  record FindResult(
      Outcome outcome,
      String image,
      List<HolderSummary> holders,
      int asked,
      long elapsedMs,
      String message) {}

  /** Limits to change, in bytes a second; null: as it is; {@link Long#MAX_VALUE}: none. */
  record LimitsRequest(
      @Nullable Long upload,
      @Nullable Long download,
      @Nullable Long uploadPerPeer,
      @Nullable Long downloadPerPeer,
      @Nullable Long origin,
      @Nullable Long warmUp) {
    /** Leaves all but these as they are. */
    public LimitsRequest(@Nullable Long upload, @Nullable Long download) {
      this(upload, download, null, null, null, null);
    }
  }

  /**
   * A bound of the node; {@link Long#MAX_VALUE} is none.
   *
   * @param unit what is counted: connections, streams, bytes, ...
   * @param used how much of it is taken now, or null if it is not counted
   */
  record LimitSummary(String name, long limit, String unit, @Nullable Long used, String meaning) {}

  enum Outcome {
    COMPLETE,
    NOT_FOUND,
    INCOMPLETE,
    VERIFICATION_FAILED,
    NO_SPACE,
    TIMED_OUT,
    NOT_PLACED
  }

  /**
   * How a fetch ended.
   *
   * @param path the file in the store when it is held
   * @param placed the file in the runtime's cache, or null
   * @param sources bytes by peer id, "origin", "local"
   * @param message one line for the user: reason and what to do; empty when complete
   */
  record PrefetchResult(
      Outcome outcome,
      String image,
      @Nullable String manifest,
      long bytes,
      @Nullable String path,
      @Nullable String placed,
      Map<String, Long> sources,
      long wastedBytes,
      long elapsedMs,
      String message) {}

  /**
   * How far a call has come. {@code phase}: finding, fetching, verifying, placing, importing.
   * {@code event} is null, or a line worth telling once (a peer was dropped, ...).
   */
  record ProgressEvent(
      String phase,
      long doneBytes,
      long totalBytes,
      long bytesPerSecond,
      int peers,
      @Nullable String event) {}

  /** {@code complete} false: being fetched, {@code heldBytes} of {@code bytes} are here. */
  record ImageSummary(
      String image,
      String manifest,
      long bytes,
      long heldBytes,
      boolean complete,
      @Nullable Instant completedAt,
      String path,
      boolean pinned) {}

  record ImageDetails(
      String image,
      String manifest,
      long bytes,
      int chunks,
      int segments,
      int segmentBytes,
      boolean complete,
      String path,
      List<String> notes) {}

  /**
   * How a node is.
   *
   * @param http where its gateway listens, HOST:PORT, or null
   */
  record NodeStatus(
      String peerId,
      String version,
      List<String> addresses,
      Path dataDir,
      @Nullable Path runtimeCache,
      int images,
      int partials,
      long heldBytes,
      int peers,
      long receivedBytes,
      long sentBytes,
      long uptimeMs,
      CacheUsage cache,
      boolean daemon,
      @Nullable NetworkStatus network,
      @Nullable String http) {}

  /**
   * How a node stands among others.
   *
   * @param dhtMode server or client; null: it takes no part in the DHT
   * @param dhtPeers in its routing table
   * @param providerRecords that it keeps for others
   * @param announcedImages of its own that a node of the DHT has taken
   * @param heardOfImages that connected peers announced
   * @param rememberedPeers that are dialled first after a restart
   */
  record NetworkStatus(
      @Nullable String dhtMode,
      int dhtPeers,
      int providerRecords,
      int announcedImages,
      int heardOfImages,
      int rememberedPeers) {}

  /**
   * How full the cache is.
   *
   * @param quotaBytes null if there is none
   * @param usedBytes of images, whole and partial, and of copies in the runtime's cache
   * @param reservedBytes promised to what is being fetched or imported
   */
  record CacheUsage(@Nullable Long quotaBytes, long usedBytes, long reservedBytes) {}
}
