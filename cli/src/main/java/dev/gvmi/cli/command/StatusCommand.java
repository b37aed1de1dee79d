package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(name = "status", description = "Show the node: addresses, images, peers, bytes.")
final class StatusCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openNode()) {
      context.output().status(node.status());
    }
    return Outcome.COMPLETE;
  }
}
