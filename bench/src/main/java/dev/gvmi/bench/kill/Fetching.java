package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One fetch, slow enough for progress to be noted, dies several times before it may end; what was
 * noted is not fetched again.
 */
final class Fetching extends Stage {
  private static final int KILLS_OF_ONE = 3;
  private static final long BYTES_PER_SECOND = 12_000_000;

  private static final FileTime NONE = FileTime.fromMillis(0);

  private final Sample image;
  private FileTime before = NONE;
  private long heldBytes;
  private int kills;

  Fetching(Ground ground, Sample image) {
    super(ground, "fetch");
    this.image = image;
  }

  @Override
  List<Sample> samples() {
    return List.of(image);
  }

  private Path part() {
    return data().resolve("partial").resolve(image.id() + ".part");
  }

  @Override
  void prepare(Daemon daemon) throws IOException {
    if (isComplete(daemon.node(), image)) {
      remove(daemon.node(), image, ground().cache());
    }
    before = modified();
    ground().seeder().node().limit(new LimitsRequest(BYTES_PER_SECOND, null));
  }

  private FileTime modified() throws IOException {
    try {
      return Files.getLastModifiedTime(part());
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  @Override
  void work(NodeService node, Consumer<ProgressEvent> progress) {
    fetch(node, image, ground().cache(), progress);
  }

  /** Bytes came. */
  @Override
  boolean begun(Call call) throws IOException {
    return !modified().equals(before);
  }

  @Override
  boolean underWay(Call call) throws IOException {
    return begun(call) && !modified().equals(NONE);
  }

  @Override
  String check(Daemon daemon, boolean hit) {
    ground().seeder().node().limit(new LimitsRequest(Long.MAX_VALUE, null));
    Optional<ImageSummary> held = held(daemon.node(), image);
    boolean complete = held.filter(ImageSummary::complete).isPresent();
    Disagreement.unless(!hit || !complete, "an image is complete whose bytes were coming");
    long now = complete ? image.bytes() : held.map(ImageSummary::heldBytes).orElse(0L);
    Disagreement.unless(
        now >= heldBytes, "of a fetch %d bytes were held, now %d".formatted(heldBytes, now));
    heldBytes = now;
    String told = "%.1f MB held".formatted(now / 1e6);
    if (complete || ++kills % KILLS_OF_ONE == 0) {
      told += finish(daemon.node());
    }
    return told;
  }

  private String finish(NodeService node) {
    long fetched = fetch(node, image, ground().cache(), event -> {});
    Disagreement.unless(
        fetched <= image.bytes() - heldBytes,
        "%d bytes were held of %d, and %d came".formatted(heldBytes, image.bytes(), fetched));
    heldBytes = 0;
    return ", %.1f MB fetched to the end".formatted(fetched / 1e6);
  }
}
