package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.CacheUsage;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Many small images make room for a large one. It is under way while some are gone, and not all
 * that have to go.
 */
final class MakingRoom extends Stage {
  private final List<Sample> small;
  private final Sample large;
  private final long quota;

  /** How many of the small ones are left when there is room: known once it was seen. */
  private int left;

  MakingRoom(Ground ground, List<Sample> small, Sample large, long quota) {
    super(ground, "evict", "--quota", quota + "B");
    this.small = List.copyOf(small);
    this.large = large;
    this.quota = quota;
  }

  @Override
  List<Sample> samples() {
    List<Sample> all = new ArrayList<>(small);
    all.add(large);
    return all;
  }

  private int count() throws IOException {
    List<Path> files = Ground.files(data().resolve("images"), ".gvmi");
    return (int) files.stream().filter(file -> !file.endsWith(large.id() + ".gvmi")).count();
  }

  @Override
  void prepare(Daemon daemon) throws IOException {
    NodeService node = daemon.node();
    remove(node, large, ground().cache());
    small.forEach(image -> publish(node, image, event -> {}));
    Disagreement.unless(count() == small.size(), "small images go though there is room");
    if (left == 0) {
      publish(node, large, event -> {});
      left = count();
      Disagreement.unless(left < small.size(), "nothing makes room");
      prepare(daemon);
    }
  }

  @Override
  void work(NodeService node, Consumer<ProgressEvent> progress) {
    publish(node, large, progress);
  }

  @Override
  boolean begun(Call call) throws IOException {
    return count() < small.size();
  }

  @Override
  boolean underWay(Call call) throws IOException {
    int count = count();
    return count < small.size() && count > left;
  }

  private long bytes(String suffix) throws IOException {
    long sum = 0;
    for (Path file : Ground.files(data().resolve("images"), suffix)) {
      sum += file.toFile().length();
    }
    return sum;
  }

  @Override
  String check(Daemon daemon, boolean hit) throws IOException {
    NodeService node = daemon.node();
    int there = count();
    for (Sample image : small) {
      Path file = data().resolve("images/" + image.id().substring(0, 2));
      boolean whole = !Ground.files(file, image.id() + ".gvmi").isEmpty();
      Disagreement.unless(
          whole == isComplete(node, image), image.id() + " is neither whole nor gone");
    }
    assertCounted(node);
    publish(node, large, event -> {});
    assertCounted(node);
    Disagreement.unless(isComplete(node, large), "the large image is not held");
    return there + " of " + small.size() + " were left";
  }

  /** The node counts what there is on the disk; delta indexes come meanwhile. */
  private void assertCounted(NodeService node) throws IOException {
    long least = bytes(".gvmi") + bytes(".manifest");
    CacheUsage usage = node.status().cache();
    long most = bytes("");
    Disagreement.unless(
        usage.usedBytes() >= least && usage.usedBytes() <= most,
        "%d to %d bytes are on the disk: %s".formatted(least, most, usage));
    Disagreement.unless(usage.usedBytes() <= quota, "more than the quota is used: " + usage);
    Disagreement.unless(usage.reservedBytes() == 0, "room is reserved for nobody: " + usage);
  }
}
