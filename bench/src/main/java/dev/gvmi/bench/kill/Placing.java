package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import dev.gvmi.node.control.NodeService.VerifyResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A copy to another file system, which is under way while its temporary file is there and its name
 * is not, or a link. Now and then a bit of the image flips before the restart: it is neither served
 * nor placed, found, and repaired.
 */
final class Placing extends Stage {
  /** What a killed one left is cleared away by a later one that finds it older than ten seconds. */
  private static final Duration SETTLED = Duration.ofSeconds(20);

  private final Sample image;
  private Path cache;
  private Set<Path> before = Set.of();
  private boolean damaged;

  Placing(Ground ground, Sample image) {
    super(ground, "place");
    this.image = image;
    this.cache = ground.elsewhere();
  }

  @Override
  List<Sample> samples() {
    return List.of(image);
  }

  @Override
  void prepare(Daemon daemon) throws IOException {
    publish(daemon.node(), image, event -> {});
    cache = ground().random().nextInt(4) == 0 ? ground().cache() : ground().elsewhere();
    Files.deleteIfExists(placed(image, cache));
    before = temporaries();
  }

  private Set<Path> temporaries() throws IOException {
    return new HashSet<>(Ground.files(cache, ".tmp"));
  }

  @Override
  void work(NodeService node, Consumer<ProgressEvent> progress) {
    fetch(node, image, cache, progress);
  }

  @Override
  boolean begun(Call call) throws IOException {
    return call.phase().equals("placing") || underWay(call);
  }

  @Override
  boolean underWay(Call call) throws IOException {
    Set<Path> now = temporaries();
    now.removeAll(before);
    boolean link = cache.equals(ground().cache()) && call.phase().equals("placing");
    return (!now.isEmpty() || link) && Files.notExists(placed(image, cache));
  }

  @Override
  Set<Sample> damage() throws IOException {
    damaged = ground().random().nextInt(4) == 0;
    if (!damaged) {
      return Set.of();
    }
    Path file = data().resolve("images/" + image.id().substring(0, 2) + "/" + image.id() + ".gvmi");
    Files.deleteIfExists(placed(image, ground().cache())); // a link to the very file
    long offset = ground().random().nextLong(image.bytes());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      channel.write(one.put(0, (byte) (one.get(0) ^ 1)).flip(), offset);
    }
    return Set.of(image);
  }

  @Override
  String check(Daemon daemon, boolean hit) throws IOException {
    String told = cache.equals(ground().cache()) ? "link" : "copy";
    if (damaged) {
      VerifyRequest request =
          new VerifyRequest(image.id(), List.of(ground().seeder().address()), "none");
      VerifyResult result = daemon.node().verify(request, event -> {});
      Disagreement.unless(
          result.outcome() == Outcome.COMPLETE && result.repaired() && result.damagedChunks() == 1,
          "a flipped bit was not found, or not repaired: " + result);
      told += ", a bit was flipped, found and repaired";
    }
    fetch(daemon.node(), image, cache, event -> {});
    Disagreement.unless(image.isIn(placed(image, cache)), "something else is placed");
    Files.delete(placed(image, cache));
    assertClearedAway();
    return told;
  }

  private void assertClearedAway() throws IOException {
    for (Path file : temporaries()) {
      FileTime time = Files.getLastModifiedTime(file);
      Disagreement.unless(
          time.toInstant().isAfter(Instant.now().minus(SETTLED)), file + " is never cleared away");
    }
  }
}
