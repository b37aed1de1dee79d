package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(name = "stop", description = "Ask the daemon to stop.")
final class StopCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openDaemon("stop the daemon")) {
      node.stop();
    }
    context.output().stopped();
    return Outcome.COMPLETE;
  }
}
