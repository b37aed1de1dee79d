package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs of the program, with JSON lines, each on the data directory it is given. What still runs at
 * the end is ended.
 */
final class NodeProcesses implements AutoCloseable {
  private final Path folder;
  private final List<Program> running = new ArrayList<>();

  NodeProcesses(Path folder) {
    this.folder = folder;
  }

  /** A daemon that listens, and the address to reach it at. */
  record Daemon(Program program, String address) {}

  Daemon daemon(Path dataDir, String... more) throws Exception {
    String[] command = {"daemon", "--listen", "/ip4/127.0.0.1/tcp/0", "--runtime-cache", "none"};
    Program program =
        start(dataDir, Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new));
    JsonNode ready = program.await(Program.event("ready"));
    return new Daemon(program, ready.path("addresses").path(0).asString(""));
  }

  Program start(Path dataDir, String... command) throws Exception {
    Program program = Program.start(folder, line(dataDir, command));
    running.add(program);
    return program;
  }

  Program.Ended run(Path dataDir, String... command) throws Exception {
    return Program.run(folder, line(dataDir, command));
  }

  /** Runs to a good end. */
  JsonNode result(Path dataDir, String... command) throws Exception {
    Program.Ended ended = run(dataDir, command);
    assertThat(ended.code()).as(ended.err()).isZero();
    return result(ended);
  }

  /** A note may follow the result. */
  static JsonNode result(Program.Ended ended) {
    String line =
        ended.out().lines().filter(l -> l.contains("\"event\":\"result\"")).toList().getLast();
    return JsonMapper.shared().readTree(line);
  }

  String publish(Path dataDir, Path image) throws Exception {
    return result(dataDir, "publish", image.toString()).path("image").asString("");
  }

  /** Ends with this code and one line that says why, on standard error or in the result. */
  Program.Ended fails(int code, String says, Path dataDir, String... command) throws Exception {
    return asToldBy(run(dataDir, command), code, says);
  }

  /** The same in this process. */
  Program.Ended failsHere(int code, String says, Path dataDir, String... command) {
    return asToldBy(Program.here(folder, line(dataDir, command)), code, says);
  }

  private static Program.Ended asToldBy(Program.Ended ended, int code, String says) {
    String all = ended.out() + ended.err();
    assertThat(ended.code()).as(all).isEqualTo(code);
    List<String> told = ended.err().lines().filter(l -> l.startsWith("gvmi-p2p: ")).toList();
    String line =
        told.isEmpty() ? ended.result().path("message").asString("") : String.join("\n", told);
    assertThat(line.lines()).as(all).hasSize(1);
    assertThat(line).as(all).containsIgnoringCase(says).doesNotContain("internal fault");
    assertThat(ended.err()).doesNotContain("\tat ");
    return ended;
  }

  private static String[] line(Path dataDir, String... command) {
    return Stream.concat(Stream.of("--json", "--data-dir", dataDir.toString()), Stream.of(command))
        .toArray(String[]::new);
  }

  @Override
  public void close() {
    running.reversed().forEach(Program::close);
  }
}
