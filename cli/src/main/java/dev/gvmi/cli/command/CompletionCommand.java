package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import java.util.LinkedHashSet;
import java.util.Set;
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
    Set<String> negatable = new LinkedHashSet<>();
    addNegatable(root, negatable);
    for (String name : negatable) {
      all = all.replace("'" + name + "'", "'" + name + "' '--no-" + name.substring(2) + "'");
    }
    return all;
  }

  private static void addNegatable(CommandLine command, Set<String> names) {
    command.getCommandSpec().options().stream()
        .filter(OptionSpec::negatable)
        .map(OptionSpec::longestName)
        .forEach(names::add);
    command.getSubcommands().values().forEach(sub -> addNegatable(sub, names));
  }
}
