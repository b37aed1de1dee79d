package dev.gvmi.cli;

import dev.gvmi.cli.command.Nodes;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Path;
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
    return List.of(new ImageSummary(IMAGE, MANIFEST, 1000, 500, false, null, "/d/p"));
  }

  @Override
  public ImageDetails inspect(String image) {
    fail();
    return new ImageDetails(image, MANIFEST, 1000, 1, 1, 1000, true, "/d/i", List.of());
  }

  @Override
  public NodeStatus status() {
    return new NodeStatus(
        "12D3A", "1", List.of("/ip4/127.0.0.1/tcp/1"), Path.of("/d"), null, 1, 0, 1000, 0, 1, 2, 3, daemon);
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
