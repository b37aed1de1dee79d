package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = "Print a script that completes commands and options in a shell.")
final class CompletionCommand implements NodeCommand {
  /** Shells that there is a script for. */
  enum Shell {
    bash,
    zsh,
    fish
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
  private Shell shell = Shell.bash;

  @Override
  public boolean isConfigured() {
    return false;
  }

  @Override
  public Outcome run(CommandContext context) {
    CommandLine root = spec.root().commandLine();
    String script =
        switch (shell) {
          case bash, zsh -> withNegations(AutoComplete.bash(root.getCommandName(), root), root);
          case fish -> FishCompletion.of(root.getCommandSpec());
        };
    context.output().script(script);
    return Outcome.COMPLETE;
  }

  /** The generator knows options by their plain names only. */
  private static String withNegations(String script, CommandLine root) {
    String all = script;
    for (OptionSpec option : root.getCommandSpec().options()) {
      if (option.negatable()) {
        String name = option.longestName();
        all = all.replace("'" + name + "'", "'" + name + "' '--no-" + name.substring(2) + "'");
      }
    }
    return all;
  }
}
