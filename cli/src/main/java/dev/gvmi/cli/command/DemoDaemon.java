package dev.gvmi.cli.command;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A daemon of the demonstration: this program again, in a process of its own, on a free port of the
 * loopback.
 */
final class DemoDaemon implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final Path dataDir;
  private final String peerId;
  private final List<String> addresses;

  private DemoDaemon(Process process, Path dataDir, JsonNode ready) {
    this.process = process;
    this.dataDir = dataDir;
    this.peerId = ready.path("peerId").asString("");
    this.addresses = ready.path("addresses").valueStream().map(a -> a.asString("")).toList();
  }

  @MustBeClosed
  static DemoDaemon start(String mainClass, Path folder, String name)
      throws IOException, InterruptedException {
    Path dataDir = folder.resolve("node-" + name);
    Path log = folder.resolve("node-" + name + ".log");
    Process process =
        new ProcessBuilder(command(mainClass, dataDir)).redirectError(log.toFile()).start();
    try {
      return new DemoDaemon(process, dataDir, readyLine(process));
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      String said = Files.exists(log) ? Files.readString(log).strip() : "";
      if (e instanceof IOException && !said.isEmpty()) {
        throw new IOException("node " + name + " did not start: " + said, e);
      }
      throw e;
    }
  }

  private static List<String> command(String mainClass, Path dataDir) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), mainClass));
    command.addAll(
        List.of("--json", "--config", "none", "--data-dir", dataDir.toString(), "daemon"));
    command.addAll(List.of("--listen", "/ip4/127.0.0.1/tcp/0", "--runtime-cache", "none"));
    command.addAll(List.of("--registry", "none", "--http", "none"));
    return command;
  }

  private static JsonNode readyLine(Process process) throws IOException, InterruptedException {
    CompletableFuture<@Nullable String> line = new CompletableFuture<>();
    Thread.ofVirtual().name("demo-ready").start(() -> readLine(process, line));
    try {
      String text = line.get(START_SECONDS, TimeUnit.SECONDS);
      JsonNode ready = text == null ? null : JsonMapper.shared().readTree(text);
      if (ready == null || !ready.path("event").asString("").equals("ready")) {
        throw new IOException("it ended before it was ready");
      }
      return ready;
    } catch (ExecutionException | JacksonException e) {
      throw new IOException("its first line could not be read", e);
    } catch (TimeoutException e) {
      throw new IOException("it was not ready after " + START_SECONDS + " s", e);
    }
  }

  private static void readLine(Process process, CompletableFuture<@Nullable String> line) {
    // Not closed here: the daemon may go on writing to it until it ends.
    BufferedReader reader = process.inputReader();
    try {
      line.complete(reader.readLine());
    } catch (IOException e) {
      line.completeExceptionally(e);
    }
  }

  long pid() {
    return process.pid();
  }

  Path dataDir() {
    return dataDir;
  }

  String peerId() {
    return peerId;
  }

  List<String> addresses() {
    return addresses;
  }

  /** SIGTERM, which the daemon takes as a stop; by force when it does not end. */
  @Override
  public void close() {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
  }
}
