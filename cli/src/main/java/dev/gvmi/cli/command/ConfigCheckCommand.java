package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.InvalidConfigException;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "check",
    description = "Read the configuration file and say all that is wrong with it.")
final class ConfigCheckCommand implements NodeCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public boolean isConfigured() {
    return false;
  }

  @Override
  public Outcome run(CommandContext context) {
    GvmiCommand root = (GvmiCommand) spec.root().userObject();
    Optional<Path> file =
        ConfigPath.resolve(root.config(), context.dataDir(), context.environment());
    if (file.isEmpty()) {
      context.output().configChecked(ConfigFile.NONE);
      return Outcome.COMPLETE;
    }
    context.output().configChecked(read(file.get(), context));
    return Outcome.COMPLETE;
  }

  /**
   * All problems but the last are told here, and the last by the failure, so that each is one line.
   */
  private static ConfigFile read(Path file, CommandContext context) {
    try {
      return ConfigFile.read(file);
    } catch (InvalidConfigException e) {
      List<String> problems = e.problems();
      problems.subList(0, problems.size() - 1).forEach(context.output()::problem);
      throw new ServiceException(ServiceException.Kind.USAGE, problems.getLast(), e);
    } catch (IOException e) {
      return ConfigCommand.read(file);
    }
  }
}
