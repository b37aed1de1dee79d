package dev.gvmi.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The completion script of fish, made from the commands as they are. */
final class FishCompletion {
  private final String program;
  private final List<String> lines = new ArrayList<>();

  private FishCompletion(String program) {
    this.program = program;
  }

  static String of(CommandSpec root) {
    FishCompletion script = new FishCompletion(root.name());
    script.lines.add("# Completion of " + root.name() + " for fish.");
    script.lines.add("complete -c " + root.name() + " -f");
    script.command(root, "");
    return String.join("\n", script.lines) + "\n";
  }

  /** A command's own words: subcommands, options, arguments. */
  private void command(CommandSpec command, String seen) {
    List<CommandLine> subcommands = List.copyOf(command.subcommands().values());
    String names =
        subcommands.stream().map(CommandLine::getCommandName).collect(Collectors.joining(" "));
    String here =
        seen.isEmpty()
            ? "__fish_use_subcommand"
            : names.isEmpty() ? seen : seen + "; and not __fish_seen_subcommand_from " + names;
    for (CommandLine subcommand : subcommands) {
      line(here, "-a " + subcommand.getCommandName(), description(subcommand.getCommandSpec()));
    }
    command.options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> line(here, words(option), first(option.description())));
    command.positionalParameters().forEach(argument -> arguments(here, argument));
    for (CommandLine subcommand : subcommands) {
      String inside = "__fish_seen_subcommand_from " + subcommand.getCommandName();
      command(subcommand.getCommandSpec(), seen.isEmpty() ? inside : seen + "; and " + inside);
    }
  }

  private static String words(OptionSpec option) {
    StringBuilder words = new StringBuilder();
    List<String> names = new ArrayList<>(List.of(option.names()));
    if (option.negatable()) {
      names.add("--no-" + option.longestName().substring(2));
    }
    for (String name : names) {
      if (name.startsWith("--")) {
        words.append(" -l ").append(name.substring(2));
      } else {
        words.append(" -s ").append(name.substring(1));
      }
    }
    if (option.arity().max() > 0 && !option.negatable()) {
      words.append(takesFile(option) ? " -rF" : " -x");
      String candidates = candidates(option);
      if (candidates != null) {
        words.append(" -a ").append(quoted(candidates));
      }
    }
    return words.toString().strip();
  }

  private void arguments(String here, ArgSpec argument) {
    String candidates = candidates(argument);
    if (candidates != null) {
      line(here, "-a " + quoted(candidates), first(argument.description()));
    } else if (takesFile(argument)) {
      line(here, "-F", "");
    }
  }

  /**
   * By its type, or because its label says so: a file may be one of several things that are
   * allowed.
   */
  private static boolean takesFile(ArgSpec argument) {
    String label = argument.paramLabel();
    return argument.type() == Path.class || label.contains("FILE") || label.contains("DIR");
  }

  private static @Nullable String candidates(ArgSpec argument) {
    Iterable<String> given = argument.completionCandidates();
    if (given == null || argument.type() == boolean.class || argument.type() == Boolean.class) {
      return null;
    }
    return StreamSupport.stream(given.spliterator(), false).collect(Collectors.joining(" "));
  }

  private static String description(CommandSpec command) {
    return first(command.usageMessage().description());
  }

  private static String first(String[] description) {
    return description.length == 0 ? "" : description[0];
  }

  private void line(String condition, String words, String description) {
    String told = description.isEmpty() ? "" : " -d " + quoted(description);
    lines.add("complete -c " + program + " -n " + quoted(condition) + " " + words + told);
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
