package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PinRequest;
import dev.gvmi.node.control.NodeService.PinResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "pin", description = "Keep an image, complete or not: it is never evicted.")
final class PinCommand implements NodeCommand {
  @Parameters(
      paramLabel = "IMAGE",
      converter = ImageConverter.class,
      description = "Hash, sha3:<hash>, task package or CID.")
  private String image = "";

  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openNode()) {
      PinResult result = node.pin(new PinRequest(image, true));
      context.output().pinned(result);
      return result.outcome();
    }
  }
}
