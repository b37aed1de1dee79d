package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;

@Command(
    name = "peers",
    description = "Show who is connected to the daemon, and who was found to lie.")
final class PeersCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    try (NodeService node = context.openDaemon("show peers")) {
      context.output().peers(node.peers(), node.bans());
    }
    return Outcome.COMPLETE;
  }
}
