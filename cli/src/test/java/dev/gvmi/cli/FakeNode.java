package dev.gvmi.cli;

import dev.gvmi.cli.command.Nodes;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node that answers what a test told it to. */
final class FakeNode implements NodeService, Nodes, Nodes.Daemon {
  static final String IMAGE = "ab".repeat(28);
  static final String MANIFEST = "cd".repeat(32);

  Outcome outcome = Outcome.COMPLETE;
  @Nullable RuntimeException failure;
  boolean daemon;
  boolean stopAsked;
  boolean closed;
  @Nullable NodeConfig config;
  final List<PrefetchRequest> prefetches = new ArrayList<>();
  final List<PublishRequest> publishes = new ArrayList<>();
  final List<VerifyRequest> verifies = new ArrayList<>();
  final List<RemoveRequest> removes = new ArrayList<>();
  final List<FindRequest> finds = new ArrayList<>();
  final List<PinRequest> pins = new ArrayList<>();
  final List<LimitsRequest> limited = new ArrayList<>();

  @Override
  public NodeService open(NodeConfig asked) {
    config = asked;
    return this;
  }

  @Override
  public Nodes.Daemon daemon(NodeConfig asked) {
    config = asked;
    return this;
  }

  @Override
  public NodeStatus start() {
    fail();
    return status();
  }

  @Override
  public void awaitStop() {}

  @Override
  public PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress) {
    fail();
    publishes.add(request);
    String url = request.url();
    String task = url == null ? null : "hash:sha3:" + IMAGE + ":" + url;
    return new PublishResult(IMAGE, MANIFEST, 1000, 1, task, Path.of("/d/i"), false, 5);
  }

  @Override
  public PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress) {
    fail();
    prefetches.add(request);
    progress.accept(new ProgressEvent("fetching", 500, 1000, 100, 1, null));
    boolean held = outcome == Outcome.COMPLETE;
    return new PrefetchResult(
        outcome,
        IMAGE,
        MANIFEST,
        1000,
        held ? "/d/i" : null,
        held ? "/c/i" : null,
        Map.of("12D3A", 900L, "local", 100L),
        0,
        7,
        held ? "" : "no holder was found; name one with --peer");
  }

  @Override
  public List<ImageSummary> list() {
    fail();
    return List.of(new ImageSummary(IMAGE, MANIFEST, 1000, 500, false, null, "/d/p", true));
  }

  @Override
  public ImageDetails inspect(String image) {
    fail();
    return new ImageDetails(image, MANIFEST, 1000, 1, 1, 1000, true, "/d/i", List.of());
  }

  @Override
  public NodeStatus status() {
    return new NodeStatus(
        "12D3A",
        "1",
        List.of("/ip4/127.0.0.1/tcp/1"),
        Path.of("/d"),
        null,
        1,
        0,
        1000,
        0,
        1,
        2,
        3,
        new CacheUsage(20_000L, 1000, 500),
        daemon,
        null,
        "127.0.0.1:2");
  }

  @Override
  public SharedResult shared(SharedRequest request) {
    return new SharedResult(12_345_678L);
  }

  @Override
  public List<String> auditable() {
    return List.of(IMAGE, "ef".repeat(28));
  }

  @Override
  public VerifyResult verify(VerifyRequest request, Consumer<ProgressEvent> progress) {
    fail();
    verifies.add(request);
    progress.accept(new ProgressEvent("verifying", 500, 1000, 100, 0, null));
    boolean good = outcome == Outcome.COMPLETE;
    return new VerifyResult(
        outcome,
        request.image(),
        MANIFEST,
        1000,
        4,
        2,
        good,
        good ? Map.of("12D3A", 500L) : Map.of(),
        good ? List.of("/c/i") : List.of(),
        good ? List.of() : List.of("/c/i"),
        List.of(),
        7,
        good ? "" : "image is damaged, 2 of 4 chunks; name a holder");
  }

  @Override
  public RemoveResult remove(RemoveRequest request) {
    fail();
    removes.add(request);
    boolean good = outcome == Outcome.COMPLETE;
    return new RemoveResult(
        outcome,
        request.image(),
        good ? 1000 : 0,
        good ? List.of("/c/i") : List.of(),
        List.of(),
        good ? "" : "image is not held here");
  }

  @Override
  public FindResult find(FindRequest request) {
    fail();
    finds.add(request);
    boolean good = outcome == Outcome.COMPLETE;
    return new FindResult(
        outcome,
        request.image(),
        good
            ? List.of(
                new HolderSummary(
                    "12D3B", "3B", "/ip4/127.0.0.1/tcp/2", "dht", true, MANIFEST, 1500L),
                new HolderSummary(
                    "12D3C", "3C", "/ip4/127.0.0.1/tcp/3", "lan", false, MANIFEST, null))
            : List.of(),
        5,
        12,
        good ? "" : "image is not found: 5 peers were asked");
  }

  @Override
  public PinResult pin(PinRequest request) {
    fail();
    pins.add(request);
    boolean good = outcome == Outcome.COMPLETE;
    return new PinResult(
        outcome, request.image(), good && request.pinned(), good ? "" : "image is not held here");
  }

  @Override
  public List<LimitSummary> limit(LimitsRequest request) {
    limited.add(request);
    return limits();
  }

  @Override
  public List<BanSummary> bans() {
    return List.of(
        new BanSummary(
            "12D3KooWBanned", "Banned", IMAGE, true, "sent wrong bytes", java.time.Instant.EPOCH));
  }

  @Override
  public List<PeerSummary> peers() {
    fail();
    return List.of(
        new PeerSummary(
            "12D3B",
            "3B",
            "/ip4/127.0.0.1/tcp/2",
            true,
            "a",
            List.of("/p"),
            "/noise",
            "/yamux/1.0.0",
            1,
            2L,
            3L,
            List.of(IMAGE),
            Instant.EPOCH,
            1500L,
            "dht"),
        new PeerSummary(
            "12D3C",
            "3C",
            "/ip4/127.0.0.1/tcp/3",
            false,
            null,
            List.of(),
            null,
            null,
            null,
            null,
            null,
            List.of(),
            null,
            null,
            null));
  }

  @Override
  public List<LimitSummary> limits() {
    fail();
    return List.of(
        new LimitSummary("connections", 256, "connections", 3L, "in all"),
        new LimitSummary("upload", Long.MAX_VALUE, "bytes/s", null, "sent"),
        new LimitSummary("heap", 1000, "bytes", null, "of the heap"));
  }

  @Override
  public void stop() {
    stopAsked = true;
  }

  @Override
  public void close() {
    closed = true;
  }

  void failWith(ServiceException.Kind kind) {
    failure = new ServiceException(kind, "tried this;\n do that");
  }

  private void fail() {
    if (failure != null) {
      throw failure;
    }
  }
}
