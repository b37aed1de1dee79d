package dev.gvmi.cli.output;

import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.EffectiveSetting;
import dev.gvmi.node.control.NodeService.BanSummary;
import dev.gvmi.node.control.NodeService.CacheUsage;
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
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    if (status.http() != null) {
      line("http      " + status.http());
    }
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
    result
        .sources()
        .forEach((source, bytes) -> row("from", source + "  " + HumanFormat.bytes(bytes)));
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
      String pin = image.pinned() ? "  pinned" : "";
      line(image.image() + "  " + HumanFormat.bytes(image.bytes()) + "  " + state + pin);
    }
  }

  @Override
  public void details(ImageDetails details, @Nullable FileContent content) {
    row("image", details.image());
    row("manifest", details.manifest());
    parts(details.bytes(), details.chunks(), details.segments(), details.segmentBytes());
    row("state", details.complete() ? "complete, verified" : "being fetched");
    row("file", details.path());
    details.notes().forEach(note -> row("note", note));
    if (content != null) {
      new ImageText(this::row).content(content);
    }
  }

  @Override
  public void file(FileDetails details) {
    row("image", details.image());
    row("manifest", details.manifest());
    parts(details.bytes(), details.chunks(), details.segments(), details.segmentBytes());
    new ImageText(this::row).content(details.content());
  }

  @Override
  public void listed(ListedFile file) {
    String link = file.link().isEmpty() ? "" : " -> " + file.link();
    String owner = file.uid() + "/" + file.gid();
    line(
        String.format(
            Locale.ROOT,
            "%s %-9s %12d /%s%s",
            file.mode(),
            owner,
            file.sizeBytes(),
            file.path(),
            link));
  }

  @Override
  public void finding(Finding finding) {
    note(ImageText.label(finding) + ": " + finding.message());
  }

  @Override
  public void built(BuildDetails details) {
    new ImageText(this::row).built(details);
  }

  @Override
  public void program(byte[] bytes, int length, boolean errors) {
    progress.clear();
    console.bytes(bytes, length, errors);
  }

  @Override
  public void tried(int exitCode, long elapsedMs) {
    note("exit code " + exitCode + " after " + HumanFormat.seconds(elapsedMs));
  }

  private void parts(long bytes, int chunks, int segments, int segmentBytes) {
    row("size", size(bytes));
    row("chunks", Integer.toString(chunks));
    row("segments", segments + " of " + HumanFormat.bytes(segmentBytes));
  }

  @Override
  public void status(NodeStatus status) {
    id(status);
    row(
        "running",
        status.daemon() ? "daemon, " + HumanFormat.seconds(status.uptimeMs()) : "no daemon");
    row("version", status.version());
    row("data", status.dataDir().toString());
    row("http", status.http() == null ? "none" : status.http());
    row("cache", status.runtimeCache() == null ? "none" : status.runtimeCache().toString());
    row("images", status.images() + ", and " + status.partials() + " being fetched");
    row("held", HumanFormat.bytes(status.heldBytes()));
    row("quota", quota(status.cache()));
    row("peers", Integer.toString(status.peers()));
    NetworkStatus network = status.network();
    if (network != null) {
      row("dht", dht(network));
      row(
          "known",
          HumanFormat.count(network.heardOfImages(), "image")
              + " announced by peers, "
              + HumanFormat.count(network.rememberedPeers(), "peer")
              + " remembered");
    }
    row("received", HumanFormat.bytes(status.receivedBytes()));
    row("sent", HumanFormat.bytes(status.sentBytes()));
  }

  private static String dht(NetworkStatus network) {
    return network.dhtMode() == null
        ? "off"
        : network.dhtMode()
            + ", "
            + HumanFormat.count(network.dhtPeers(), "peer")
            + " in the table, "
            + HumanFormat.count(network.providerRecords(), "record")
            + " kept for others, "
            + HumanFormat.count(network.announcedImages(), "image")
            + " announced";
  }

  private static String quota(CacheUsage cache) {
    Long quota = cache.quotaBytes();
    String used = HumanFormat.bytes(cache.usedBytes()) + " used";
    String reserved =
        cache.reservedBytes() == 0
            ? ""
            : ", " + HumanFormat.bytes(cache.reservedBytes()) + " reserved";
    return (quota == null ? "none" : HumanFormat.bytes(quota)) + ", " + used + reserved;
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
  public void verified(VerifyResult result) {
    progress.clear();
    if (result.outcome() == Outcome.COMPLETE) {
      String state =
          result.repaired()
              ? "repaired, "
                  + result.damagedChunks()
                  + " of "
                  + HumanFormat.count(result.chunks(), "chunk")
              : "sound";
      line(result.image() + "  " + HumanFormat.bytes(result.bytes()) + "  " + state);
    } else {
      console.errorLine("gvmi-p2p: " + result.message());
    }
    result.replaced().forEach(name -> note("replaced " + name));
    result.removed().forEach(name -> note("removed " + name + ", which was damaged too"));
  }

  @Override
  public void verifiedAll(List<VerifyResult> results) {
    if (results.isEmpty()) {
      note("no images");
    } else if (results.size() > 1) {
      long bytes = results.stream().mapToLong(VerifyResult::bytes).sum();
      long millis = results.stream().mapToLong(VerifyResult::elapsedMs).sum();
      note(
          HumanFormat.count(results.size(), "image")
              + ", "
              + HumanFormat.bytes(bytes)
              + " in "
              + HumanFormat.seconds(millis));
    }
  }

  @Override
  public void removed(RemoveResult result) {
    if (result.outcome() != Outcome.COMPLETE) {
      console.errorLine("gvmi-p2p: " + result.message());
      return;
    }
    line(result.image() + "  removed, " + HumanFormat.bytes(result.freedBytes()) + " freed");
    result.removed().forEach(name -> line("  " + name + "  removed"));
    result.left().forEach(name -> note("left " + name));
  }

  @Override
  public void removedAll(List<RemoveResult> results) {
    if (results.size() > 1) {
      long bytes = results.stream().mapToLong(RemoveResult::freedBytes).sum();
      note(HumanFormat.bytes(bytes) + " freed in all");
    }
  }

  @Override
  public void found(FindResult result) {
    progress.clear();
    if (result.outcome() != Outcome.COMPLETE) {
      console.errorLine("gvmi-p2p: " + result.message());
      return;
    }
    for (HolderSummary holder : result.holders()) {
      Long micros = holder.roundTripMicros();
      line(
          String.format(
              Locale.ROOT,
              "%-52s  %-8s  %-9s  %10s  %s",
              holder.peerId(),
              holder.complete() ? "complete" : "partial",
              holder.foundBy(),
              micros == null ? "no answer" : HumanFormat.millis(micros),
              holder.address()));
    }
    long complete = result.holders().stream().filter(HolderSummary::complete).count();
    note(
        HumanFormat.count(result.holders().size(), "holder")
            + ", "
            + complete
            + " complete; "
            + HumanFormat.count(result.asked(), "peer")
            + " asked in "
            + HumanFormat.seconds(result.elapsedMs()));
  }

  @Override
  public void peers(List<PeerSummary> peers, List<BanSummary> bans) {
    if (peers.isEmpty()) {
      note("no peers");
    }
    peers.forEach(this::peer);
    for (BanSummary ban : bans) {
      line(
          ban.shortId()
              + (ban.banned() ? "  banned: " : "  distrusted: ")
              + ban.reason()
              + ", "
              + ban.at().truncatedTo(ChronoUnit.SECONDS));
      row("  peer id", ban.peerId());
      row("  image", ban.image());
    }
  }

  private void peer(PeerSummary peer) {
    line(peer.shortId() + (peer.inbound() ? "  from " : "  to ") + peer.address());
    row("  peer id", peer.peerId());
    row("  agent", peer.agent());
    row(
        "  round trip",
        peer.roundTripMicros() == null ? "no answer" : HumanFormat.millis(peer.roundTripMicros()));
    if (peer.connectedAt() != null) {
      row(
          "  connected",
          peer.connectedAt().truncatedTo(ChronoUnit.SECONDS)
              + ", "
              + peer.security()
              + ", "
              + peer.muxer());
    }
    if (peer.streams() != null) {
      row("  streams", peer.streams().toString());
    }
    if (peer.receivedBytes() != null && peer.sentBytes() != null) {
      row(
          "  bytes",
          HumanFormat.bytes(peer.receivedBytes())
              + " in, "
              + HumanFormat.bytes(peer.sentBytes())
              + " out");
    }
    row("  found by", peer.foundBy());
    row("  protocols", String.join(" ", peer.protocols()));
    peer.images().forEach(image -> row("  image", image));
  }

  @Override
  public void limits(List<LimitSummary> limits) {
    for (LimitSummary limit : limits) {
      boolean bytes = limit.unit().equals("bytes");
      String most = most(limit);
      Long used = limit.used();
      String now = used == null ? "" : ", " + (bytes ? HumanFormat.bytes(used) : used) + " used";
      line(
          String.format(
              Locale.ROOT, "%-30s  %-16s  %s%s", limit.name(), most, limit.meaning(), now));
    }
  }

  private static String most(LimitSummary limit) {
    if (limit.limit() == Long.MAX_VALUE) {
      return "none";
    }
    return switch (limit.unit()) {
      case "bytes" -> HumanFormat.bytes(limit.limit());
      case "bytes/s" -> HumanFormat.rate(limit.limit());
      default -> limit.limit() + " " + limit.unit();
    };
  }

  @Override
  public void pinned(PinResult result) {
    if (result.outcome() == Outcome.COMPLETE) {
      line(result.image() + (result.pinned() ? "  pinned" : "  not pinned"));
    } else {
      problem(result.message());
    }
  }

  @Override
  public void configChecked(ConfigFile file) {
    if (file.file() == null) {
      line("no configuration file: all is as by default");
      return;
    }
    line(file.file() + " is right, " + HumanFormat.count(file.lines().size(), "key"));
    file.lines().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> line("  line " + entry.getValue() + "  " + entry.getKey().path()));
  }

  @Override
  public void configShown(@Nullable Path file, List<EffectiveSetting> settings) {
    line(
        "# "
            + (file == null
                ? "no configuration file"
                : file.toString().replaceAll("\\p{Cntrl}", "?")));
    settings.forEach(setting -> line(setting.toml()));
  }

  @Override
  public void runtimeHook(List<HookReport> reports) {
    for (HookReport report : reports) {
      row("descriptor", report.descriptor().toString());
      row("hook", report.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      row("exe-unit", report.unit() == null ? null : report.unit().toString());
      if (!report.failed() && !report.message().isEmpty()) {
        note(report.message());
      }
    }
  }

  @Override
  public void script(String text) {
    line(text.stripTrailing());
  }

  @Override
  public void problem(String message) {
    console.errorLine("gvmi-p2p: " + message);
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
