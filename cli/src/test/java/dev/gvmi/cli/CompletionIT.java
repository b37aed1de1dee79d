package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.cli.command.GvmiCommand;
import dev.gvmi.cli.output.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The scripts that shells complete by. */
final class CompletionIT {
  @TempDir private Path folder;

  private String script(String shell) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(new PrintStream(out, true, UTF_8), System.err, false);
    Map<String, String> environment = Map.of("GVMI_P2P_HOME", folder.toString());
    assertThat(new Main(console, environment, new FakeNode()).run("completion", shell)).isZero();
    return out.toString(UTF_8);
  }

  private String run(String shell, String... args) throws Exception {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(bin -> Files.isExecutable(Path.of(bin, shell)));
    assumeTrue(there, shell + " is missing");
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(Stream.concat(Stream.of(shell), Stream.of(args)).toList())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = process.waitFor();
    String said = Files.readString(output);
    assertThat(code).as(said).isZero();
    return said;
  }

  /** What bash offers for the last of the words. */
  private List<String> bash(String line) throws Exception {
    Path file = Files.writeString(folder.resolve("completion.bash"), script("bash"));
    String program =
        """
        source "$1"
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        function=$(complete -p gvmi-p2p | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        "$function" gvmi-p2p "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    String[] words = line.split(" ", -1);
    String[] args =
        Stream.concat(Stream.of("-c", program, "bash", file.toString()), Stream.of(words))
            .toArray(String[]::new);
    return run("bash", args).lines().map(String::strip).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "gvmi-p2p pre, prefetch",
    "gvmi-p2p ver, verify",
    "gvmi-p2p prefetch --pe, --peer",
    "gvmi-p2p daemon --lis, --listen",
    "gvmi-p2p daemon --no-m, --no-mdns",
    "gvmi-p2p prefetch --no-j, --no-json",
    "gvmi-p2p config sh, show",
    "gvmi-p2p config show --ti, --timeout",
    "gvmi-p2p completion fi, fish",
    "gvmi-p2p publish ima, image.gvmi",
    "gvmi-p2p list --config ima, image.gvmi"
  })
  void bashCompletes(String line, String word) throws Exception {
    Files.createFile(folder.resolve("image.gvmi"));
    assertThat(bash(line)).contains(word);
  }

  @Test
  void bashOffersNothingElse() throws Exception {
    assertThat(bash("gvmi-p2p pre")).containsExactly("prefetch");
  }

  @Test
  void zshTakesItsScript() throws Exception {
    Path file = Files.writeString(folder.resolve("completion.zsh"), script("zsh"));
    assertThat(run("zsh", "-fc", "source " + file + " && print -r -- ${_comps[gvmi-p2p]-}"))
        .isNotBlank();
  }

  @Test
  void fishCompletes() throws Exception {
    Path file = Files.writeString(folder.resolve("completion.fish"), script("fish"));
    String offered =
        run(
            "fish",
            "--no-config",
            "-c",
            "source " + file + "; complete -C 'gvmi-p2p pre'; complete -C 'gvmi-p2p config sh'");
    assertThat(offered).contains("prefetch").contains("show");
  }

  @Test
  void fishKnowsEveryCommandAndOption() throws IOException {
    String script = script("fish");
    CommandSpec root = new CommandLine(new GvmiCommand()).getCommandSpec();
    assertKnows(script, root);
    assertThat(script.lines())
        .allMatch(line -> line.startsWith("#") || line.startsWith("complete -c gvmi-p2p "));
    assertThat(script)
        .contains("'__fish_seen_subcommand_from completion' -a 'bash zsh fish'")
        .contains("'__fish_seen_subcommand_from publish' -F")
        .contains("-l to -rF")
        .contains("-l json -l no-json");
  }

  private static void assertKnows(String script, CommandSpec command) {
    command
        .options()
        .forEach(option -> assertThat(script).contains("-l " + option.longestName().substring(2)));
    command
        .subcommands()
        .forEach((name, subcommand) -> {
          assertThat(script).contains("-a " + name + " -d ");
          assertKnows(script, subcommand.getCommandSpec());
        });
  }
}
