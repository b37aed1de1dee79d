package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.gvmi.cli.output.Console;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code gvmi-p2p} as a process of its own, on the class path of the test. */
final class Program implements AutoCloseable {
  private static final long SIGINT_BIT = 1L << 1;

  private static final long LIMIT_SECONDS = 60;
  private static final String NO_LINE = "";
  private static final List<String> ASKS = java("client.aot");
  private static final List<String> MOVES = java("node.aot");
  private static final Set<String> NODES = Set.of("daemon", "demo", "build", "try");

  private final Process process;
  private final Path errors;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> read = new CompletableFuture<>();

  /** How a run ended. */
  record Ended(int code, String out, String err) {
    JsonNode result() {
      return JsonMapper.shared().readTree(out.lines().toList().getLast());
    }
  }

  private Program(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    Thread.ofVirtual().start(this::readAll);
  }

  /**
   * Most of what these tests take is the start of Java: what is built starts as it does for its
   * users, with an AOT cache.
   */
  private static List<String> java(String cache) {
    String path = System.getProperty("java.class.path", "");
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    java.add("@" + Path.of("..", "packaging", "java.options"));
    Optional<Path> jar =
        Stream.of(path.split(File.pathSeparator))
            .map(Path::of)
            .filter(Program::isBuilt)
            .findFirst();
    jar.ifPresent(built -> java.add("-XX:AOTCache=" + built.resolveSibling(cache)));
    java.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    java.addAll(List.of("-cp", jar.map(Path::toString).orElse(path), "dev.gvmi.cli.Main"));
    return List.copyOf(java);
  }

  private static boolean isBuilt(Path entry) {
    return entry.getFileName().toString().matches("cli-.*\\.jar");
  }

  static Program start(Path folder, String... args) throws IOException {
    return startBy(List.of(), folder, args);
  }

  /** Java ends with an error if the cache does not fit. */
  static Ended runOnlyWith(String cache, Path folder, String... args) throws Exception {
    List<String> command = new ArrayList<>(java(cache));
    command.add(1, "-XX:AOTMode=on");
    command.addAll(List.of(args));
    Path errors = Files.createTempFile(folder, "stderr", ".txt");
    try (Program program =
        new Program(new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors)) {
      return program.end();
    }
  }

  /** Started by another program, which its name and arguments go to. */
  static Program startBy(List<String> starter, Path folder, String... args) throws IOException {
    List<String> command = new ArrayList<>(starter);
    command.addAll(isNode(List.of(args)) ? MOVES : ASKS);
    command.addAll(List.of(args));
    command.addAll(gateway(List.of(args)));
    Path errors = Files.createTempFile(folder, "stderr", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(Map.of("HOME", folder.toString(), "GVMI_P2P_REGISTRY", "none"));
    builder
        .environment()
        .keySet()
        .removeAll(List.of("GVMI_P2P_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "DATA_DIR"));
    return new Program(builder.start(), errors);
  }

  /** Without a daemon to ask, each command is a node of its own. */
  private static boolean isNode(List<String> args) {
    int option = args.indexOf("--data-dir");
    boolean daemon = option >= 0 && Files.exists(Path.of(args.get(option + 1), "control.json"));
    return !daemon || args.stream().anyMatch(NODES::contains);
  }

  /** Tests run side by side: a daemon that is told nothing of it serves HTTP at any port. */
  private static List<String> gateway(List<String> args) {
    return args.contains("daemon") && !args.contains("--http")
        ? List.of("--http", "127.0.0.1:0")
        : List.of();
  }

  /** Runs to the end. */
  static Ended run(Path folder, String... args) throws Exception {
    try (Program program = start(folder, args)) {
      return program.end();
    }
  }

  /**
   * The same in this process, which takes a tenth of it: where only what is told and the exit code
   * matter, which {@link Main} hands on as it is.
   */
  static Ended here(Path folder, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of("HOME", folder.toString(), "GVMI_P2P_REGISTRY", "none");
    int code = new Main(console, environment, new LocalNodes()).run(args);
    return new Ended(code, out.toString(UTF_8).strip(), err.toString(UTF_8));
  }

  Ended end() throws Exception {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    read.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    List<String> out = new ArrayList<>(lines);
    out.remove(NO_LINE);
    return new Ended(process.exitValue(), String.join("\n", out), Files.readString(errors));
  }

  /** The next JSON line of this kind. */
  JsonNode await(Predicate<JsonNode> wanted) throws Exception {
    while (true) {
      String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (line == null || line.equals(NO_LINE)) {
        throw new AssertionError("no such line; on standard error: " + Files.readString(errors));
      }
      JsonNode node = JsonMapper.shared().readTree(line);
      if (wanted.test(node)) {
        return node;
      }
    }
  }

  static Predicate<JsonNode> event(String name) {
    return node -> node.path("event").asString("").equals(name);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  void kill() {
    process.destroyForcibly();
    assertThat(endsWithin(LIMIT_SECONDS)).isTrue();
  }

  private boolean endsWithin(long seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * As Ctrl-C does; a process that was begun with the signal ignored, as in the background of a
   * shell, cannot be interrupted so.
   */
  void interrupt() throws IOException, InterruptedException {
    assumeFalse(ignoresInterrupts(), "SIGINT is ignored here: run the tests in the foreground");
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).trim(), 16))
            .anyMatch(signals -> (signals & SIGINT_BIT) != 0);
  }

  private void readAll() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // It was killed, which closes what it has not yet said.
    } finally {
      lines.add(NO_LINE);
      read.complete(null);
    }
  }

  @Override
  public void close() {
    process.destroy();
    if (!endsWithin(10)) {
      kill();
    }
  }
}
