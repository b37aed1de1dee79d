package dev.gvmi.cli.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishResult;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON lines on standard output: events as they come, the result last. */
public final class JsonOutput implements Output {
  private static final long MIN_GAP_NANOS = 100_000_000L;

  private final Console console;
  private final JsonMapper json = JsonMapper.shared();

  @GuardedBy("this")
  private long nextProgressNanos = System.nanoTime();

  @GuardedBy("this")
  private String phase = "";

  public JsonOutput(Console console) {
    this.console = console;
  }

  @Override
  public void ready(NodeStatus status) {
    ObjectNode line = event("ready");
    line.put("peerId", status.peerId());
    strings(line, "addresses", Addresses.of(status));
    line.putNull("http");
    print(line);
  }

  @Override
  public void progress(ProgressEvent event) {
    if (event.event() != null) {
      note(event.event());
    }
    if (!due(event)) {
      return;
    }
    ObjectNode line = event("progress");
    line.put("phase", event.phase());
    line.put("doneBytes", event.doneBytes());
    line.put("totalBytes", event.totalBytes());
    line.put("bytesPerSecond", event.bytesPerSecond());
    line.put("peers", event.peers());
    print(line);
  }

  private synchronized boolean due(ProgressEvent event) {
    long now = System.nanoTime();
    if (event.phase().equals(phase) && now - nextProgressNanos < 0) {
      return false;
    }
    phase = event.phase();
    nextProgressNanos = now + MIN_GAP_NANOS;
    return true;
  }

  @Override
  public void published(PublishResult result) {
    ObjectNode line = event("result");
    line.put("image", result.image());
    line.put("manifest", result.manifest());
    line.put("bytes", result.bytes());
    line.put("chunks", result.chunks());
    line.put("taskPackage", result.taskPackage());
    line.put("path", result.path().toString());
    line.put("alreadyHeld", result.alreadyHeld());
    line.put("elapsedMs", result.elapsedMs());
    print(line);
  }

  @Override
  public void prefetched(PrefetchResult result) {
    print(prefetch(result));
  }

  private ObjectNode prefetch(PrefetchResult result) {
    ObjectNode line = event("result");
    line.put("outcome", result.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    line.put("image", result.image());
    line.put("manifest", result.manifest());
    line.put("bytes", result.bytes());
    line.put("path", result.path());
    line.put("placed", result.placed());
    ObjectNode sources = line.putObject("sources");
    Map<String, Long> sorted = new TreeMap<>(result.sources());
    sorted.forEach((source, bytes) -> sources.put(source, bytes.longValue()));
    line.put("wastedBytes", result.wastedBytes());
    line.put("elapsedMs", result.elapsedMs());
    if (!result.message().isEmpty()) {
      line.put("message", result.message());
    }
    return line;
  }

  @Override
  public void images(List<ImageSummary> images) {
    ObjectNode line = event("result");
    var array = line.putArray("images");
    for (ImageSummary image : images) {
      ObjectNode entry = array.addObject();
      entry.put("image", image.image());
      entry.put("manifest", image.manifest());
      entry.put("bytes", image.bytes());
      entry.put("heldBytes", image.heldBytes());
      entry.put("complete", image.complete());
      entry.put("completedAt", image.completedAt() == null ? null : image.completedAt().toString());
      entry.put("path", image.path());
    }
    print(line);
  }

  @Override
  public void details(ImageDetails details) {
    ObjectNode line = event("result");
    line.put("image", details.image());
    line.put("manifest", details.manifest());
    line.put("bytes", details.bytes());
    line.put("chunks", details.chunks());
    line.put("segments", details.segments());
    line.put("segmentBytes", details.segmentBytes());
    line.put("complete", details.complete());
    line.put("path", details.path());
    strings(line, "notes", details.notes());
    print(line);
  }

  @Override
  public void file(FileDetails details) {
    ObjectNode line = event("result");
    line.put("image", details.image());
    line.put("manifest", details.manifest());
    line.put("bytes", details.bytes());
    line.put("chunks", details.chunks());
    line.put("segments", details.segments());
    line.put("segmentBytes", details.segmentBytes());
    line.put("squashfs", details.squashfs());
    List<String> keys = details.trailerKeys();
    if (keys == null) {
      line.putNull("trailer");
    } else {
      strings(line, "trailer", keys);
    }
    print(line);
  }

  @Override
  public void status(NodeStatus status) {
    ObjectNode line = identity(status);
    line.put("version", status.version());
    line.put("dataDir", status.dataDir().toString());
    line.put("runtimeCache", status.runtimeCache() == null ? null : status.runtimeCache().toString());
    line.put("images", status.images());
    line.put("partials", status.partials());
    line.put("heldBytes", status.heldBytes());
    line.put("peers", status.peers());
    line.put("receivedBytes", status.receivedBytes());
    line.put("sentBytes", status.sentBytes());
    line.put("uptimeMs", status.uptimeMs());
    line.put("daemon", status.daemon());
    print(line);
  }

  @Override
  public void id(NodeStatus status) {
    print(identity(status));
  }

  private ObjectNode identity(NodeStatus status) {
    ObjectNode line = event("result");
    line.put("peerId", status.peerId());
    strings(line, "addresses", Addresses.of(status));
    return line;
  }

  @Override
  public void stopped() {
    print(event("result").put("stopped", true));
  }

  @Override
  public void note(String message) {
    print(event("note").put("message", message));
  }

  @Override
  public void step(int number, String message) {
    print(event("step").put("number", number).put("message", message));
  }

  @Override
  public void demonstrated(DemoResult result) {
    ObjectNode line = prefetch(result.fetched());
    line.put("sha3", result.digest());
    line.put("verified", result.verified());
    print(line);
  }

  @Override
  public void close() {}

  private ObjectNode event(String name) {
    return json.createObjectNode().put("event", name);
  }

  private static void strings(ObjectNode line, String name, List<String> values) {
    var array = line.putArray(name);
    values.forEach(array::add);
  }

  private void print(ObjectNode line) {
    console.line(json.writeValueAsString(line));
  }
}
