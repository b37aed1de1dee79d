package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.FindResult;
import dev.gvmi.node.control.NodeService.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "find",
    description = "Show who holds an image, how each was found, and how far away it is.")
final class FindCommand implements NodeCommand {
  @Parameters(
      paramLabel = "IMAGE",
      converter = ImageConverter.class,
      description = "Hash, sha3:<hash>, task package or CID.")
  private String image = "";

  @Mixin private PeersOption peers = new PeersOption();
  @Mixin private NetworkOption network = new NetworkOption();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Look for so long at most. Default: 5s.")
  private @Nullable Duration timeout;

  @Override
  public Outcome run(CommandContext context) {
    peers.check();
    var config = context.config(List.of(), null).with(network.config(context));
    try (NodeService node = context.nodes().open(config)) {
      FindResult result = node.find(new FindRequest(image, peers.addresses(context), timeout));
      context.output().found(result);
      return result.outcome();
    }
  }
}
