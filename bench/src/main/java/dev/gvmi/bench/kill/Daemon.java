package dev.gvmi.bench.kill;

import dev.gvmi.node.control.ControlClient;
import dev.gvmi.node.control.NodeService;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A daemon as its users start it, in a process of its own. */
final class Daemon implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final NodeService node;
  private final String address;

  private Daemon(Process process, NodeService node) {
    this.process = process;
    this.node = node;
    this.address = node.status().addresses().getFirst();
  }

  /** Returns when it is ready. Its standard error goes to a file beside its data directory. */
  static Daemon start(Path launcher, Path dataDir, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(launcher.toString(), "--json", "--config", "none"));
    command.addAll(List.of("--data-dir", dataDir.toString(), "daemon", "--http", "none"));
    command.addAll(List.of("--no-mdns", "--dht", "off", "--registry", "none"));
    command.addAll(List.of("--listen", "/ip4/127.0.0.1/tcp/0", "--runtime-cache", "none"));
    command.addAll(List.of(more));
    Path errors = dataDir.resolveSibling(dataDir.getFileName() + ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start();
    BufferedReader said = process.inputReader();
    String ready = said.readLine();
    Disagreement.unless(
        ready != null && ready.contains("\"ready\""), "a daemon did not start: see " + errors);
    return new Daemon(
        process,
        ControlClient.connect(dataDir)
            .orElseThrow(() -> new IOException("no daemon answers at " + dataDir)));
  }

  NodeService node() {
    return node;
  }

  /** Where peers reach it, with its peer id. */
  String address() {
    return address;
  }

  /** By signal 9; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
    node.close();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    node.close();
  }
}
