package dev.gvmi.cli.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.ConfigKey;
import dev.gvmi.node.config.EffectiveSetting;
import dev.gvmi.node.control.NodeService.BanSummary;
import dev.gvmi.node.control.NodeService.FindResult;
import dev.gvmi.node.control.NodeService.HolderSummary;
import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.LimitSummary;
import dev.gvmi.node.control.NodeService.NetworkStatus;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PeerSummary;
import dev.gvmi.node.control.NodeService.PinResult;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishResult;
import dev.gvmi.node.control.NodeService.RemoveResult;
import dev.gvmi.node.control.NodeService.VerifyResult;
import dev.gvmi.node.runtime.hook.HookReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
    line.put("http", status.http());
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
    line.put("outcome", name(result.outcome()));
    line.put("image", result.image());
    line.put("manifest", result.manifest());
    line.put("bytes", result.bytes());
    line.put("path", result.path());
    line.put("placed", result.placed());
    sources(line, result.sources());
    line.put("wastedBytes", result.wastedBytes());
    line.put("elapsedMs", result.elapsedMs());
    message(line, result.message());
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
      entry.put("pinned", image.pinned());
    }
    print(line);
  }

  @Override
  public void details(ImageDetails details, @Nullable FileContent content) {
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
    if (content != null) {
      ImageJson.content(line, content);
    }
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
    ImageJson.content(line, details.content());
    print(line);
  }

  @Override
  public void listed(ListedFile file) {
    ObjectNode line = event("file");
    ImageJson.listed(line, file);
    print(line);
  }

  @Override
  public void finding(Finding finding) {
    ObjectNode line = event("finding");
    ImageJson.finding(line, finding);
    print(line);
  }

  @Override
  public void built(BuildDetails details) {
    ObjectNode line = event(details.last() ? "result" : "built");
    ImageJson.built(line, details);
    print(line);
  }

  @Override
  public void program(byte[] bytes, int length, boolean errors) {
    ObjectNode line = event("output").put("stream", errors ? "stderr" : "stdout");
    print(line.put("text", new String(bytes, 0, length, StandardCharsets.UTF_8)));
  }

  @Override
  public void tried(int exitCode, long elapsedMs) {
    print(event("result").put("exitCode", exitCode).put("elapsedMs", elapsedMs));
  }

  @Override
  public void status(NodeStatus status) {
    ObjectNode line = identity(status);
    line.put("version", status.version());
    line.put("dataDir", status.dataDir().toString());
    line.put("http", status.http());
    line.put(
        "runtimeCache", status.runtimeCache() == null ? null : status.runtimeCache().toString());
    line.put("images", status.images());
    line.put("partials", status.partials());
    line.put("heldBytes", status.heldBytes());
    line.put("quotaBytes", status.cache().quotaBytes());
    line.put("usedBytes", status.cache().usedBytes());
    line.put("reservedBytes", status.cache().reservedBytes());
    line.put("peers", status.peers());
    line.put("receivedBytes", status.receivedBytes());
    line.put("sentBytes", status.sentBytes());
    line.put("uptimeMs", status.uptimeMs());
    line.put("daemon", status.daemon());
    NetworkStatus network = status.network();
    if (network != null) {
      ObjectNode entry = line.putObject("network");
      entry.put("dhtMode", network.dhtMode());
      entry.put("dhtPeers", network.dhtPeers());
      entry.put("providerRecords", network.providerRecords());
      entry.put("announcedImages", network.announcedImages());
      entry.put("heardOfImages", network.heardOfImages());
      entry.put("rememberedPeers", network.rememberedPeers());
    }
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
  public void verified(VerifyResult result) {
    ObjectNode line = event("image");
    line.put(
        "outcome",
        result.repaired() && result.outcome() == Outcome.COMPLETE
            ? "repaired"
            : name(result.outcome()));
    line.put("image", result.image());
    line.put("manifest", result.manifest());
    line.put("bytes", result.bytes());
    line.put("chunks", result.chunks());
    line.put("damagedChunks", result.damagedChunks());
    line.put("repaired", result.repaired());
    sources(line, result.sources());
    strings(line, "replaced", result.replaced());
    strings(line, "removed", result.removed());
    strings(line, "left", result.left());
    line.put("elapsedMs", result.elapsedMs());
    message(line, result.message());
    print(line);
  }

  @Override
  public void verifiedAll(List<VerifyResult> results) {
    ObjectNode line = event("result");
    line.put("outcome", worst(results.stream().map(VerifyResult::outcome)));
    line.put("images", results.size());
    line.put("bytes", results.stream().mapToLong(VerifyResult::bytes).sum());
    line.put(
        "damaged",
        results.stream()
            .filter(r -> r.repaired() || r.outcome() == Outcome.VERIFICATION_FAILED)
            .count());
    line.put("repaired", results.stream().filter(VerifyResult::repaired).count());
    line.put("elapsedMs", results.stream().mapToLong(VerifyResult::elapsedMs).sum());
    print(line);
  }

  @Override
  public void removed(RemoveResult result) {
    ObjectNode line = event("image");
    line.put("outcome", name(result.outcome()));
    line.put("image", result.image());
    line.put("freedBytes", result.freedBytes());
    strings(line, "removed", result.removed());
    strings(line, "left", result.left());
    message(line, result.message());
    print(line);
  }

  @Override
  public void removedAll(List<RemoveResult> results) {
    ObjectNode line = event("result");
    line.put("outcome", worst(results.stream().map(RemoveResult::outcome)));
    line.put("images", results.stream().filter(r -> r.outcome() == Outcome.COMPLETE).count());
    line.put("freedBytes", results.stream().mapToLong(RemoveResult::freedBytes).sum());
    print(line);
  }

  @Override
  public void pinned(PinResult result) {
    ObjectNode line = event("result");
    line.put("outcome", name(result.outcome()));
    line.put("image", result.image());
    line.put("pinned", result.pinned());
    message(line, result.message());
    print(line);
  }

  /** The first that is not complete. */
  private static String worst(Stream<Outcome> outcomes) {
    return name(outcomes.filter(o -> o != Outcome.COMPLETE).findFirst().orElse(Outcome.COMPLETE));
  }

  @Override
  public void found(FindResult result) {
    ObjectNode line = event("result");
    line.put("outcome", name(result.outcome()));
    line.put("image", result.image());
    var array = line.putArray("holders");
    for (HolderSummary holder : result.holders()) {
      ObjectNode entry = array.addObject();
      entry.put("peerId", holder.peerId());
      entry.put("short", holder.shortId());
      entry.put("address", holder.address());
      entry.put("foundBy", holder.foundBy());
      entry.put("complete", holder.complete());
      entry.put("manifest", holder.manifest());
      entry.put("roundTripMicros", holder.roundTripMicros());
    }
    line.put("asked", result.asked());
    line.put("elapsedMs", result.elapsedMs());
    line.put("message", result.message());
    print(line);
  }

  @Override
  public void peers(List<PeerSummary> peers, List<BanSummary> bans) {
    ObjectNode line = event("result");
    var array = line.putArray("peers");
    for (PeerSummary peer : peers) {
      ObjectNode entry = array.addObject();
      entry.put("peerId", peer.peerId());
      entry.put("short", peer.shortId());
      entry.put("address", peer.address());
      entry.put("direction", peer.inbound() ? "in" : "out");
      entry.put("agent", peer.agent());
      strings(entry, "protocols", peer.protocols());
      entry.put("security", peer.security());
      entry.put("muxer", peer.muxer());
      entry.put("streams", peer.streams());
      entry.put("receivedBytes", peer.receivedBytes());
      entry.put("sentBytes", peer.sentBytes());
      strings(entry, "images", peer.images());
      entry.put("connectedAt", peer.connectedAt() == null ? null : peer.connectedAt().toString());
      entry.put("roundTripMicros", peer.roundTripMicros());
      entry.put("foundBy", peer.foundBy());
    }
    var found = line.putArray("bans");
    for (BanSummary ban : bans) {
      ObjectNode entry = found.addObject();
      entry.put("peerId", ban.peerId());
      entry.put("short", ban.shortId());
      entry.put("image", ban.image());
      entry.put("banned", ban.banned());
      entry.put("reason", ban.reason());
      entry.put("at", ban.at().toString());
    }
    print(line);
  }

  @Override
  public void limits(List<LimitSummary> limits) {
    ObjectNode line = event("result");
    var array = line.putArray("limits");
    for (LimitSummary limit : limits) {
      ObjectNode entry = array.addObject();
      entry.put("name", limit.name());
      entry.put("limit", limit.limit() == Long.MAX_VALUE ? null : limit.limit());
      entry.put("unit", limit.unit());
      entry.put("used", limit.used());
      entry.put("meaning", limit.meaning());
    }
    print(line);
  }

  @Override
  public void configChecked(ConfigFile file) {
    ObjectNode line = event("result");
    line.put("file", file.file() == null ? null : file.file().toString());
    strings(line, "keys", file.lines().keySet().stream().sorted().map(ConfigKey::path).toList());
    print(line);
  }

  @Override
  public void configShown(@Nullable Path file, List<EffectiveSetting> settings) {
    ObjectNode line = event("result");
    line.put("file", file == null ? null : file.toString());
    ObjectNode all = line.putObject("settings");
    for (EffectiveSetting setting : settings) {
      ObjectNode entry = all.putObject(setting.key().path());
      entry.set("value", json.valueToTree(setting.value()));
      entry.put("source", setting.source());
    }
    print(line);
  }

  @Override
  public void runtimeHook(List<HookReport> reports) {
    ObjectNode line = event("result");
    var array = line.putArray("descriptors");
    for (HookReport report : reports) {
      ObjectNode entry = array.addObject();
      entry.put("descriptor", report.descriptor().toString());
      entry.put("state", report.state().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      entry.put("exeUnit", report.unit() == null ? null : report.unit().toString());
      entry.put("restart", report.restart());
      message(entry, report.message());
    }
    print(line);
  }

  @Override
  public void script(String text) {
    print(event("result").put("script", text));
  }

  @Override
  public void problem(String message) {
    console.errorLine("gvmi-p2p: " + message);
  }

  private static String name(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void sources(ObjectNode line, Map<String, Long> sources) {
    ObjectNode all = line.putObject("sources");
    new TreeMap<>(sources).forEach((source, bytes) -> all.put(source, bytes.longValue()));
  }

  private static void message(ObjectNode line, String message) {
    if (!message.isEmpty()) {
      line.put("message", message);
    }
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
