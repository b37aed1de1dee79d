package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.InvalidConfigException;
import dev.gvmi.node.control.ServiceException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** The commands about the configuration file. */
@Command(
    name = "config",
    description = "Check the configuration file, or show what it comes to.",
    synopsisSubcommandLabel = "check|show",
    subcommands = {ConfigCheckCommand.class, ConfigShowCommand.class})
public final class ConfigCommand {
  ConfigCommand() {}

  /**
   * Reads a file; {@link ServiceException} of kind USAGE if that is not possible, or it says what
   * it may not.
   */
  public static ConfigFile read(Path file) {
    try {
      return ConfigFile.read(file);
    } catch (InvalidConfigException e) {
      int more = e.problems().size() - 1;
      String others =
          more == 0 ? "" : " (and " + more + " more: 'gvmi-p2p config check' lists all)";
      throw new ServiceException(ServiceException.Kind.USAGE, e.getMessage() + others, e);
    } catch (NoSuchFileException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          "cannot read the configuration " + file + ": there is no such file",
          e);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          "cannot read the configuration " + file + ": " + e.getMessage(),
          e);
    }
  }
}
