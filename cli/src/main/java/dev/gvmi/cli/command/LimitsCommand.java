package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.Outcome;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "limits",
    description = "Show how much the node takes on, or change its rates until it stops.")
final class LimitsCommand implements NodeCommand {
  private static final LimitsRequest NOTHING = new LimitsRequest(null, null);

  @Option(
      names = "--upload",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is sent to all peers, in a second: 20Mbit, 5MB/s.")
  private @Nullable Long upload;

  @Option(
      names = "--download",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is asked of all peers, in a second.")
  private @Nullable Long download;

  @Option(
      names = "--upload-per-peer",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is sent to one peer, in a second.")
  private @Nullable Long uploadPerPeer;

  @Option(
      names = "--download-per-peer",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is asked of one peer, in a second.")
  private @Nullable Long downloadPerPeer;

  @Option(
      names = "--origin",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is asked of HTTP origins, in a second, within the download rate.")
  private @Nullable Long origin;

  @Option(
      names = "--warm-up",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description =
          "What is asked for before anybody waits for it, in a second, within the download rate.")
  private @Nullable Long warmUp;

  @Override
  public Outcome run(CommandContext context) {
    LimitsRequest changes =
        new LimitsRequest(upload, download, uploadPerPeer, downloadPerPeer, origin, warmUp);
    if (changes.equals(NOTHING)) {
      try (NodeService node = context.openNode()) {
        context.output().limits(node.limits());
      }
      return Outcome.COMPLETE;
    }
    try (NodeService daemon = context.openDaemon("change limits")) {
      context.output().limits(daemon.limit(changes));
    }
    return Outcome.COMPLETE;
  }
}
