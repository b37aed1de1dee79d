package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Files;
import picocli.CommandLine.Command;

@Command(name = "stop", description = "Ask the daemon to stop.")
final class StopCommand implements NodeCommand {
  @Override
  public Outcome run(CommandContext context) {
    if (!Files.exists(context.dataDir().resolve("control.json"))) {
      throw noDaemon(context);
    }
    try (NodeService node = context.openNode()) {
      if (!node.status().daemon()) {
        throw noDaemon(context);
      }
      node.stop();
    }
    context.output().stopped();
    return Outcome.COMPLETE;
  }

  private static ServiceException noDaemon(CommandContext context) {
    return new ServiceException(
        ServiceException.Kind.UNREACHABLE,
        "cannot stop the daemon: none holds " + context.dataDir() + "; name its --data-dir");
  }
}
