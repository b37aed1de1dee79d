package dev.gvmi.cli;

import dev.gvmi.cli.command.CommandContext;
import dev.gvmi.cli.command.Commands;
import dev.gvmi.cli.command.ConfigCommand;
import dev.gvmi.cli.command.ConfigPath;
import dev.gvmi.cli.command.DataDir;
import dev.gvmi.cli.command.GvmiCommand;
import dev.gvmi.cli.command.NodeCommand;
import dev.gvmi.cli.command.Nodes;
import dev.gvmi.cli.output.Console;
import dev.gvmi.cli.output.JsonOutput;
import dev.gvmi.cli.output.Output;
import dev.gvmi.cli.output.TextOutput;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.Settings;
import dev.gvmi.node.config.Settings.OutputLevel;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The entry point of {@code gvmi-p2p}: arguments in, one command run, an exit code out. */
public final class Main {
  private final Console console;
  private final Map<String, String> environment;
  private final Nodes nodes;

  Main(Console console, Map<String, String> environment, Nodes nodes) {
    this.console = console;
    this.environment = Map.copyOf(environment);
    this.nodes = nodes;
  }

  public static void main(String[] args) {
    Interruption interruption = Interruption.arm(Thread.currentThread());
    int code = new Main(Console.system(), System.getenv(), new LocalNodes()).run(args);
    interruption.finished();
    System.exit(code);
  }

  int run(String... args) {
    GvmiCommand root = new GvmiCommand();
    CommandLine line = Commands.lineFor(root, args);
    line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    line.getCommandSpec().version("gvmi-p2p " + version());
    line.setUsageHelpWidth(100);
    line.setParameterExceptionHandler((failure, arguments) -> usage(failure));
    line.setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, root));
    line.setExecutionStrategy(parsed -> execute(parsed, root));
    return line.execute(args);
  }

  private int execute(ParseResult parsed, GvmiCommand root) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    List<CommandLine> commands = parsed.asCommandLineList();
    CommandLine chosen = commands.getLast();
    if (!(chosen.getCommandSpec().userObject() instanceof NodeCommand command)) {
      throw new ParameterException(chosen, "No command given");
    }
    if (root.verbose() && root.quiet()) {
      throw new ParameterException(chosen, "-v and -q exclude each other");
    }
    try {
      Path dataDir = DataDir.resolve(root.dataDir(), environment);
      ConfigFile config = command.isConfigured() ? config(root, dataDir) : ConfigFile.NONE;
      Manner manner = Manner.of(root, config.settings());
      Logging.configure(manner.verbose(), manner.quiet(), command.isDaemon());
      try (Output output =
          manner.json() ? new JsonOutput(console) : new TextOutput(console, manner.quiet())) {
        ExitCode code = run(command, dataDir, config, output);
        return command.programCode().orElse(code.code());
      }
    } catch (RuntimeException | InterruptedException e) {
      return failed(e, root);
    }
  }

  private ConfigFile config(GvmiCommand root, Path dataDir) {
    Optional<Path> file = ConfigPath.resolve(root.config(), dataDir, environment);
    return file.isEmpty() ? ConfigFile.NONE : ConfigCommand.read(file.get());
  }

  /** How it is told: by options, else by the configuration file. */
  private record Manner(boolean json, boolean verbose, boolean quiet) {
    static Manner of(GvmiCommand root, Settings settings) {
      Boolean json = root.json() != null ? root.json() : settings.json();
      boolean said = root.verbose() || root.quiet();
      return new Manner(
          json != null && json,
          said ? root.verbose() : settings.level() == OutputLevel.VERBOSE,
          said ? root.quiet() : settings.level() == OutputLevel.QUIET);
    }
  }

  private ExitCode run(NodeCommand command, Path dataDir, ConfigFile config, Output output)
      throws InterruptedException {
    CommandContext context =
        new CommandContext(
            output, nodes, dataDir, config, environment, version(), Main.class.getName());
    Outcome outcome = command.run(context);
    return ExitCode.of(outcome);
  }

  private int usage(ParameterException failure) {
    String name = failure.getCommandLine().getCommandSpec().qualifiedName();
    String message = Objects.requireNonNullElse(failure.getMessage(), "wrong usage");
    console.errorLine(oneLine(message) + ". See '" + name + " --help'.");
    return ExitCode.USAGE.code();
  }

  private int failed(Exception failure, GvmiCommand root) {
    ExitCode code = ExitCode.of(failure);
    console.errorLine("gvmi-p2p: " + message(failure, code));
    if (root.verbose()) {
      console.stackTrace(failure);
    }
    return code.code();
  }

  private static String message(Exception failure, ExitCode code) {
    if (failure instanceof InterruptedException) {
      return "interrupted; what was fetched is kept, the same command goes on from there";
    }
    String text =
        Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
    boolean unexpected = code == ExitCode.INTERNAL && !(failure instanceof ServiceException);
    return oneLine(unexpected ? "internal fault: " + text + "; -v shows where" : text);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String version() {
    return Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "dev");
  }
}
