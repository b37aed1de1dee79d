package dev.gvmi.cli.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line as a whole: the options that all commands share, and the list of commands. */
@Command(
    name = "gvmi-p2p",
    description = "Peer-to-peer cache and distribution of Golem VM images.",
    synopsisSubcommandLabel = "COMMAND")
public final class GvmiCommand {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Where the node keeps its files.")
  private @Nullable Path dataDir;

  @Option(
      names = "--config",
      paramLabel = "FILE|none",
      scope = ScopeType.INHERIT,
      description =
          "The configuration file. Default: config.toml in the data directory, else the user's.")
  private @Nullable Path config;

  @Option(
      names = "--json",
      negatable = true,
      scope = ScopeType.INHERIT,
      description = "Print JSON lines.")
  private @Nullable Boolean json;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log what happens, on standard error.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No progress, and errors only.")
  private boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  private boolean version;

  public @Nullable Path dataDir() {
    return dataDir;
  }

  public @Nullable Path config() {
    return config;
  }

  /** Null if nothing was said. */
  public @Nullable Boolean json() {
    return json;
  }

  public boolean verbose() {
    return verbose;
  }

  public boolean quiet() {
    return quiet;
  }

  boolean helpAsked() {
    return help || version;
  }
}
