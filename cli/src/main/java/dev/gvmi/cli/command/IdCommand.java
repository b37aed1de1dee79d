package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(name = "id", description = "Show the peer id, and the addresses while a daemon runs.")
final class IdCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openNode()) {
      context.output().id(node.status());
    }
    return Outcome.COMPLETE;
  }
}
