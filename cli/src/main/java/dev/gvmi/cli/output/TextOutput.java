package dev.gvmi.cli.output;

import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishResult;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Text for people: results on standard output, the rest on standard error. */
public final class TextOutput implements Output {
  private final Console console;
  private final boolean quiet;
  private final ProgressLine progress;

  public TextOutput(Console console, boolean quiet) {
    this.console = console;
    this.quiet = quiet;
    this.progress = new ProgressLine(console, System::nanoTime);
  }

  @Override
  public void ready(NodeStatus status) {
    line("peer id   " + status.peerId());
    Addresses.of(status).forEach(address -> line("listening " + address));
    note("ready; Ctrl-C or 'gvmi-p2p stop' ends it");
  }

  @Override
  public void progress(ProgressEvent event) {
    if (quiet) {
      return;
    }
    if (event.event() != null) {
      note(event.event());
    }
    progress.show(event);
  }

  @Override
  public void published(PublishResult result) {
    row("image", result.image());
    row("manifest", result.manifest());
    row("size", size(result.bytes()) + ", " + HumanFormat.count(result.chunks(), "chunk"));
    row("task package", result.taskPackage());
    row("file", result.path().toString());
    row("elapsed", HumanFormat.seconds(result.elapsedMs()));
    if (result.alreadyHeld()) {
      note("it was held already");
    }
  }

  @Override
  public void prefetched(PrefetchResult result) {
    if (!result.message().isEmpty()) {
      progress.clear();
      console.errorLine("gvmi-p2p: " + result.message());
    }
    if (result.outcome() != Outcome.COMPLETE && result.outcome() != Outcome.NOT_PLACED) {
      return;
    }
    transfer(result);
  }

  private void transfer(PrefetchResult result) {
    row("image", result.image() + " (verified)");
    row("manifest", result.manifest());
    row("size", size(result.bytes()));
    result.sources().forEach((source, bytes) -> row("from", source + "  " + HumanFormat.bytes(bytes)));
    if (result.wastedBytes() > 0) {
      row("wasted", HumanFormat.bytes(result.wastedBytes()));
    }
    row("elapsed", HumanFormat.seconds(result.elapsedMs()) + rate(result));
    row("held", result.path());
    row("placed", result.placed());
  }

  /** What was here already came at no rate. */
  private static String rate(PrefetchResult result) {
    long fetched = result.bytes() - result.sources().getOrDefault("local", 0L);
    return fetched <= 0 ? "" : ", " + HumanFormat.rate(fetched, result.elapsedMs());
  }

  @Override
  public void images(List<ImageSummary> images) {
    if (images.isEmpty()) {
      note("no images");
    }
    for (ImageSummary image : images) {
      String state =
          image.complete()
              ? "complete"
              : String.format(
                  Locale.ROOT, "%.1f %%", 100.0 * image.heldBytes() / Math.max(1, image.bytes()));
      line(image.image() + "  " + HumanFormat.bytes(image.bytes()) + "  " + state);
    }
  }

  @Override
  public void details(ImageDetails details) {
    row("image", details.image());
    row("manifest", details.manifest());
    parts(details.bytes(), details.chunks(), details.segments(), details.segmentBytes());
    row("state", details.complete() ? "complete, verified" : "being fetched");
    row("file", details.path());
    details.notes().forEach(note -> row("note", note));
  }

  @Override
  public void file(FileDetails details) {
    row("image", details.image());
    row("manifest", details.manifest());
    parts(details.bytes(), details.chunks(), details.segments(), details.segmentBytes());
    row("squashfs", details.squashfs() == null ? "none: the runtime cannot mount it" : details.squashfs());
    List<String> keys = details.trailerKeys();
    row("trailer", keys == null ? "none that is valid: the runtime refuses it" : String.join(", ", keys));
  }

  private void parts(long bytes, int chunks, int segments, int segmentBytes) {
    row("size", size(bytes));
    row("chunks", Integer.toString(chunks));
    row("segments", segments + " of " + HumanFormat.bytes(segmentBytes));
  }

  @Override
  public void status(NodeStatus status) {
    id(status);
    row("running", status.daemon() ? "daemon, " + HumanFormat.seconds(status.uptimeMs()) : "no daemon");
    row("version", status.version());
    row("data", status.dataDir().toString());
    row("cache", status.runtimeCache() == null ? "none" : status.runtimeCache().toString());
    row("images", status.images() + ", and " + status.partials() + " being fetched");
    row("held", HumanFormat.bytes(status.heldBytes()));
    row("peers", Integer.toString(status.peers()));
    row("received", HumanFormat.bytes(status.receivedBytes()));
    row("sent", HumanFormat.bytes(status.sentBytes()));
  }

  @Override
  public void id(NodeStatus status) {
    row("peer id", status.peerId());
    Addresses.of(status).forEach(address -> row("address", address));
  }

  @Override
  public void stopped() {
    line("stopped");
  }

  @Override
  public void note(String message) {
    progress.clear();
    if (!quiet) {
      console.errorLine(message);
    }
  }

  @Override
  public void step(int number, String message) {
    line(number + ". " + message);
  }

  @Override
  public void demonstrated(DemoResult result) {
    transfer(result.fetched());
    row("sha3 of file", result.digest() + (result.verified() ? " (the same)" : " (NOT the same)"));
    if (!result.kept()) {
      note("the files are deleted now; --keep DIR keeps them");
    }
  }

  @Override
  public void close() {
    progress.clear();
  }

  private static String size(long bytes) {
    return HumanFormat.bytes(bytes) + " (" + bytes + " bytes)";
  }

  private void row(String name, @Nullable String value) {
    if (value != null) {
      line(String.format(Locale.ROOT, "%-12s  %s", name, value));
    }
  }

  private void line(String text) {
    progress.clear();
    console.line(text);
  }
}
