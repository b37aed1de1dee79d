package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishRequest;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Work of a daemon in whose midst it is killed. Each stage has a data directory of its own, which
 * goes through all of its kills.
 */
abstract class Stage {
  private final Ground ground;
  private final String name;
  private final String[] options;

  Stage(Ground ground, String name, String... options) {
    this.ground = ground;
    this.name = name;
    this.options = options;
  }

  final Ground ground() {
    return ground;
  }

  final String name() {
    return name;
  }

  final Path data() {
    return ground.work().resolve(name);
  }

  final Daemon start() throws IOException {
    return ground.daemon(data(), options);
  }

  /** All images that the data directory may hold. */
  abstract List<Sample> samples();

  /** So that there is work to do. */
  abstract void prepare(Daemon daemon) throws IOException;

  /** The work. */
  abstract void work(NodeService node, Consumer<ProgressEvent> progress);

  /** Whether the work has come to where kills begin. */
  abstract boolean begun(Call call) throws IOException;

  /**
   * Whether the work is under way, by the files as they are now: what is done, or has not yet left
   * a trace, is not.
   */
  abstract boolean underWay(Call call) throws IOException;

  /** Between death and restart; images that it damages. */
  Set<Sample> damage() throws IOException {
    return Set.of();
  }

  /**
   * What holds after the restart for this stage besides what always does, and that the work can be
   * done.
   *
   * @param hit whether the kill came while it was under way
   * @return what is worth telling
   */
  abstract String check(Daemon daemon, boolean hit) throws Exception;

  static Optional<ImageSummary> held(NodeService node, Sample image) {
    return node.list().stream().filter(each -> each.image().equals(image.id())).findFirst();
  }

  static boolean isComplete(NodeService node, Sample image) {
    return held(node, image).filter(ImageSummary::complete).isPresent();
  }

  static void publish(NodeService node, Sample image, Consumer<ProgressEvent> progress) {
    var result = node.publish(new PublishRequest(image.file(), null), progress);
    Disagreement.unless(result.image().equals(image.id()), image.id() + " became " + result);
  }

  final PrefetchRequest request(Sample image, Path cache) {
    List<String> peers = List.of(ground.seeder().address());
    return new PrefetchRequest(image.id(), peers, null, null, cache.toString());
  }

  /** To a good end: bytes that came from peers. */
  final long fetch(NodeService node, Sample image, Path cache, Consumer<ProgressEvent> progress) {
    PrefetchResult result = node.prefetch(request(image, cache), progress);
    Disagreement.unless(result.outcome() == Outcome.COMPLETE, "a fetch ended so: " + result);
    long local = result.sources().getOrDefault("local", 0L);
    return result.bytes() - local;
  }

  static void remove(NodeService node, Sample image, Path cache) {
    node.remove(new RemoveRequest(image.id(), cache.toString()));
  }

  static Path placed(Sample image, Path cache) {
    return cache.resolve(image.id() + "_" + image.id());
  }
}
