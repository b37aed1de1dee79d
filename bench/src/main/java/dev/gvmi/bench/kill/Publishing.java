package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** It is under way while the copy is being made; killed then, nothing of it is left. */
final class Publishing extends Stage {
  private final Sample image;

  Publishing(Ground ground, Sample image) {
    super(ground, "publish");
    this.image = image;
  }

  @Override
  List<Sample> samples() {
    return List.of(image);
  }

  @Override
  void prepare(Daemon daemon) {
    remove(daemon.node(), image, ground().cache());
  }

  @Override
  void work(NodeService node, Consumer<ProgressEvent> progress) {
    publish(node, image, progress);
  }

  @Override
  boolean begun(Call call) throws IOException {
    return underWay(call);
  }

  @Override
  boolean underWay(Call call) throws IOException {
    try {
      for (Path file : Ground.files(data().resolve("import"))) {
        if (Files.size(file) > 0) {
          return true;
        }
      }
    } catch (NoSuchFileException e) {
      // it has just moved to the images
    }
    return false;
  }

  @Override
  String check(Daemon daemon, boolean hit) {
    boolean complete = isComplete(daemon.node(), image);
    Disagreement.unless(!hit || !complete, "an image is complete whose copy was being made");
    publish(daemon.node(), image, event -> {});
    return complete ? "all of it was there" : "nothing of it was there";
  }
}
