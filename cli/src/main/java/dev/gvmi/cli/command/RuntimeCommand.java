package dev.gvmi.cli.command;

import picocli.CommandLine.Command;

/** The commands about the hook beside the Golem runtime. */
@Command(
    name = "runtime",
    description = "The hook beside the Golem provider, for images that were not prefetched.",
    synopsisSubcommandLabel = "install|uninstall|status",
    subcommands = {
      RuntimeInstallCommand.class,
      RuntimeUninstallCommand.class,
      RuntimeStatusCommand.class
    })
final class RuntimeCommand {
  RuntimeCommand() {}
}
