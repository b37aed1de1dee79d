package dev.gvmi.cli.command;

import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/**
 * The commands that there are.
 *
 * <p>To describe a command to picocli takes longer than most of them run: only those whose names
 * occur among the arguments are described, and all where none does, or help with all is asked for.
 */
public final class Commands {
  static final List<String> NAMES =
      List.of(
          "daemon",
          "publish",
          "prefetch",
          "find",
          "list",
          "inspect",
          "build",
          "try",
          "verify",
          "pin",
          "unpin",
          "remove",
          "status",
          "peers",
          "limits",
          "id",
          "stop",
          "runtime",
          "config",
          "completion",
          "demo");

  private Commands() {}

  /** The command line for these arguments. */
  public static CommandLine lineFor(GvmiCommand root, String... arguments) {
    CommandLine line = new CommandLine(root);
    for (String name : namesFor(List.of(arguments))) {
      line.addSubcommand(name, command(name));
    }
    return line;
  }

  /** Pure. */
  static List<String> namesFor(List<String> arguments) {
    if (arguments.equals(List.of("--version"))) {
      return List.of();
    }
    Set<String> words = Set.copyOf(arguments);
    List<String> named = NAMES.stream().filter(words::contains).toList();
    return named.isEmpty() || named.contains("completion") ? NAMES : named;
  }

  private static Object command(String name) {
    return switch (name) {
      case "daemon" -> new DaemonCommand();
      case "publish" -> new PublishCommand();
      case "prefetch" -> new PrefetchCommand();
      case "find" -> new FindCommand();
      case "list" -> new ListCommand();
      case "inspect" -> new InspectCommand();
      case "build" -> new BuildCommand();
      case "try" -> new TryCommand();
      case "verify" -> new VerifyCommand();
      case "pin" -> new PinCommand();
      case "unpin" -> new UnpinCommand();
      case "remove" -> new RemoveCommand();
      case "status" -> new StatusCommand();
      case "peers" -> new PeersCommand();
      case "limits" -> new LimitsCommand();
      case "id" -> new IdCommand();
      case "stop" -> new StopCommand();
      case "runtime" -> new RuntimeCommand();
      case "config" -> new ConfigCommand();
      case "completion" -> new CompletionCommand();
      case "demo" -> new DemoCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }
}
