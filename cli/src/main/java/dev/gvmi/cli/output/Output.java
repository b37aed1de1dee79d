package dev.gvmi.cli.output;

import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishResult;
import java.util.List;

/** Where results and progress go: text for people, or JSON lines for programs. <b>Thread:</b> any. */
public sealed interface Output extends AutoCloseable permits TextOutput, JsonOutput {
  void ready(NodeStatus status);

  void progress(ProgressEvent event);

  void published(PublishResult result);

  void prefetched(PrefetchResult result);

  void images(List<ImageSummary> images);

  void details(ImageDetails details);

  void file(FileDetails details);

  void status(NodeStatus status);

  void id(NodeStatus status);

  void stopped();

  /** A line for people, on standard error; an event for programs. */
  void note(String message);

  /** A step of the demonstration. */
  void step(int number, String message);

  void demonstrated(DemoResult result);

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
