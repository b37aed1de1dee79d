package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List the images that are held or being fetched.")
final class ListCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openNode()) {
      context.output().images(node.list());
    }
    return Outcome.COMPLETE;
  }
}
