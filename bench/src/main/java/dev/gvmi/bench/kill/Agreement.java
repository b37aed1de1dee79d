package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import dev.gvmi.node.control.NodeService.VerifyResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether a daemon that was started again after a kill has, tells, serves and has placed what it
 * should.
 *
 * @param damaged images of which a bit was flipped while no daemon ran
 */
record Agreement(Ground ground, Stage stage, Set<Sample> damaged, Taker taker) {
  /**
   * Of that many images each chunk that is offered is taken; of many small ones some are as good as
   * all.
   */
  private static final int MOST_TAKEN = 4;

  void check(Daemon daemon) throws Exception {
    List<ImageSummary> told = daemon.node().list();
    for (ImageSummary image : told) {
      Sample truth = known(image.image());
      if (image.complete() && !damaged.contains(truth)) {
        Disagreement.unless(
            truth.isIn(Path.of(image.path())), "listed as complete, and wrong: " + image);
      }
    }
    filesAreListed(told);
    serves(daemon, told);
    verifies(daemon.node());
    placed(ground.cache());
    placed(ground.elsewhere());
  }

  private Sample known(String id) {
    return stage.samples().stream()
        .filter(image -> image.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new Disagreement("an image that nobody knows: " + id));
  }

  private void filesAreListed(List<ImageSummary> told) throws IOException {
    Set<String> expected = new TreeSet<>();
    for (ImageSummary image : told) {
      expected.add(image.image() + (image.complete() ? ".gvmi" : ".part"));
      expected.add((image.complete() ? "" : "partial ") + image.image() + ".manifest");
    }
    damaged.forEach(
        image -> expected.addAll(List.of(image.id() + ".gvmi", image.id() + ".manifest")));
    Set<String> found = names("images", "");
    found.addAll(names("partial", "partial "));
    found.removeIf(name -> name.contains(".delta"));
    Set<String> empty = new TreeSet<>(found);
    empty.removeAll(expected);
    empty.removeIf(name -> isOfAPartialThatHoldsNothing(name, told));
    Disagreement.unless(
        found.containsAll(expected) && empty.isEmpty(), "files " + found + ", told of " + expected);
    Disagreement.unless(
        Ground.files(stage.data().resolve("import")).isEmpty(), "an import is left behind");
  }

  /** Its manifest came, and no chunk: it is not listed. */
  private static boolean isOfAPartialThatHoldsNothing(String name, List<ImageSummary> told) {
    boolean partial = name.startsWith("partial ") || name.endsWith(".part");
    return partial && told.stream().noneMatch(image -> name.contains(image.image()));
  }

  private Set<String> names(String folder, String prefix) throws IOException {
    return Ground.files(stage.data().resolve(folder)).stream()
        .map(file -> file.getFileName().toString())
        .map(name -> name.endsWith(".manifest") ? prefix + name : name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What is offered is right, and of what is complete all is offered. */
  private void serves(Daemon daemon, List<ImageSummary> told) throws Exception {
    for (ImageSummary image : told.stream().limit(MOST_TAKEN).toList()) {
      Sample truth = known(image.image());
      long bytes = taker.takeAll(daemon.address(), truth);
      Disagreement.unless(
          bytes == image.heldBytes() || damaged.contains(truth),
          bytes + " bytes are served of " + image);
    }
  }

  private void verifies(NodeService node) {
    for (String id : node.auditable()) {
      if (!damaged.contains(known(id))) {
        VerifyResult result = node.verify(new VerifyRequest(id, List.of(), "none"), event -> {});
        Disagreement.unless(
            result.outcome() == Outcome.COMPLETE && result.damagedChunks() == 0,
            "verify: " + result);
      }
    }
  }

  /** Each image is there whole under its name, or not at all. */
  private void placed(Path cache) throws IOException {
    for (Sample image : stage.samples()) {
      Path file = Stage.placed(image, cache);
      Disagreement.unless(
          Files.notExists(file) || image.isIn(file), "placed, and not what its name says: " + file);
    }
  }
}
