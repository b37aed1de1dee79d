package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;

/**
 * A new version of an image that is held. It is under way while some chunks are copied and some are
 * not, as the ends of each in the file show.
 */
final class Copying extends Stage {
  private static final int LOOKED_AT = 64;

  private final Sample old;
  private final Sample image;
  private final int changedChunks;

  Copying(Ground ground, Sample old, Sample image, int changedChunks) {
    super(ground, "delta");
    this.old = old;
    this.image = image;
    this.changedChunks = changedChunks;
  }

  @Override
  List<Sample> samples() {
    return List.of(old, image);
  }

  private Path part() {
    return data().resolve("partial").resolve(image.id() + ".part");
  }

  @Override
  void prepare(Daemon daemon) throws IOException {
    if (!isComplete(daemon.node(), old)) {
      publish(daemon.node(), old, event -> {});
      awaitSpans(daemon.node());
    }
    remove(daemon.node(), image, ground().cache());
  }

  /** Those of both sides are made in the background. */
  private void awaitSpans(NodeService node) {
    while (fetch(node, image, ground().cache(), event -> {}) > mostFetched()) {
      remove(node, image, ground().cache());
    }
  }

  /** A changed byte is in one chunk, and the spans at it reach into its neighbours. */
  private long mostFetched() {
    return 3L * changedChunks * Geometry.CHUNK_BYTES;
  }

  @Override
  void work(NodeService node, Consumer<ProgressEvent> progress) {
    fetch(node, image, ground().cache(), progress);
  }

  @Override
  boolean begun(Call call) throws IOException {
    return underWay(call);
  }

  @Override
  boolean underWay(Call call) throws IOException {
    try (FileChannel truth = FileChannel.open(image.file(), StandardOpenOption.READ);
        FileChannel copy = FileChannel.open(part(), StandardOpenOption.READ)) {
      int chunks = 0;
      int there = 0;
      for (long end = Geometry.CHUNK_BYTES; end <= image.bytes(); end += Geometry.CHUNK_BYTES) {
        chunks++;
        there += last(copy, end).equals(last(truth, end)) ? 1 : 0;
      }
      return there > 0 && there < chunks - 3 * changedChunks;
    } catch (NoSuchFileException e) {
      return false; // not begun, or done
    }
  }

  private static ByteBuffer last(FileChannel file, long end) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LOOKED_AT);
    file.read(bytes, end - LOOKED_AT);
    return bytes.flip();
  }

  @Override
  String check(Daemon daemon, boolean hit) {
    boolean complete = isComplete(daemon.node(), image);
    Disagreement.unless(!hit || !complete, "an image is complete that was being copied");
    Disagreement.unless(isComplete(daemon.node(), old), "the old version is gone");
    long fetched = fetch(daemon.node(), image, ground().cache(), event -> {});
    Disagreement.unless(
        fetched <= mostFetched(), fetched + " bytes came of an image that is held but for a bit");
    return "%.1f MB fetched to the end".formatted(fetched / 1e6);
  }
}
