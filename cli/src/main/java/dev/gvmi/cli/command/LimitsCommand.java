package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(name = "limits", description = "Show how much the node takes on.")
final class LimitsCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openNode()) {
      context.output().limits(node.limits());
    }
    return Outcome.COMPLETE;
  }
}
