package dev.gvmi.cli.output;

import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.EffectiveSetting;
import dev.gvmi.node.control.NodeService.BanSummary;
import dev.gvmi.node.control.NodeService.FindResult;
import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.LimitSummary;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.PeerSummary;
import dev.gvmi.node.control.NodeService.PinResult;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishResult;
import dev.gvmi.node.control.NodeService.RemoveResult;
import dev.gvmi.node.control.NodeService.VerifyResult;
import dev.gvmi.node.runtime.hook.HookReport;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where results and progress go: text for people, or JSON lines for programs. <b>Thread:</b> any.
 */
public sealed interface Output extends AutoCloseable permits TextOutput, JsonOutput {
  void ready(NodeStatus status);

  void progress(ProgressEvent event);

  void published(PublishResult result);

  void prefetched(PrefetchResult result);

  void images(List<ImageSummary> images);

  /** The content is null if its file is not here whole. */
  void details(ImageDetails details, @Nullable FileContent content);

  void file(FileDetails details);

  /** A name in an image. */
  void listed(ListedFile file);

  /** Something about an image that is being built. */
  void finding(Finding finding);

  void built(BuildDetails details);

  /** What a program in the VM prints, as it comes; its errors go to standard error. */
  void program(byte[] bytes, int length, boolean errors);

  void tried(int exitCode, long elapsedMs);

  void status(NodeStatus status);

  void id(NodeStatus status);

  void stopped();

  /** What became of one image of several. */
  void verified(VerifyResult result);

  void verifiedAll(List<VerifyResult> results);

  void removed(RemoveResult result);

  void pinned(PinResult result);

  void removedAll(List<RemoveResult> results);

  void found(FindResult result);

  void peers(List<PeerSummary> peers, List<BanSummary> bans);

  void limits(List<LimitSummary> limits);

  /** A file that is right, or none. */
  void configChecked(ConfigFile file);

  /** The file may be null: none. */
  void configShown(@Nullable Path file, List<EffectiveSetting> settings);

  void runtimeHook(List<HookReport> reports);

  void script(String text);

  /** A line of an error that is not the last. */
  void problem(String message);

  /** A line for people, on standard error; an event for programs. */
  void note(String message);

  /** A step of the demonstration. */
  void step(int number, String message);

  void demonstrated(DemoResult result);

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
