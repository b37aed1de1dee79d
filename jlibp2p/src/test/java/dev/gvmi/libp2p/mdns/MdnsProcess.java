package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.Lan;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A {@link MdnsPeer} on a machine of a {@link Lan}. */
final class MdnsProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String OVER = "over";

  private final Process process;
  private final Writer stdin;
  private final PeerId id;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private MdnsProcess(Process process, PeerId id) {
    this.process = process;
    this.stdin = process.outputWriter();
    this.id = id;
    Thread.ofVirtual().start(this::read);
  }

  /** Takes part when it returns. */
  static MdnsProcess start(Lan lan, int machine, PeerId id, String... addresses) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("_p2p-test-xyz._udp.local", id.toString()));
    arguments.addAll(List.of(addresses));
    MdnsProcess peer = run(lan, machine, MdnsPeer.class, id, arguments);
    peer.await(line -> line.startsWith("links "));
    return peer;
  }

  /** Sends what it can. */
  static MdnsProcess flood(Lan lan, int machine) throws Exception {
    return run(lan, machine, MdnsFlood.class, PeerId.parse(MdnsFlood.PEER), List.of("lan"));
  }

  private static MdnsProcess run(
      Lan lan, int machine, Class<?> main, PeerId id, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(lan.on(machine, command))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new MdnsProcess(process, id);
  }

  PeerId id() {
    return id;
  }

  /** The addresses of a peer, once it is found. */
  List<String> found(PeerId peer) throws InterruptedException {
    String line = await(l -> l.startsWith("found " + peer + " "));
    return Arrays.asList(line.split(" ")).subList(2, line.split(" ").length);
  }

  String status() throws Exception {
    stdin.write('\n');
    stdin.flush();
    return await(line -> line.startsWith("MdnsStatus"));
  }

  void awaitStatus(String pattern) throws Exception {
    Pattern wanted = Pattern.compile(pattern);
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!wanted.matcher(status()).find()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no " + pattern + " in " + status());
      }
    }
  }

  /** How much of one processor it has used since it started. */
  double cpuShare() {
    ProcessHandle.Info info = process.toHandle().info();
    Duration age = Duration.between(info.startInstant().orElseThrow(), java.time.Instant.now());
    return (double) info.totalCpuDuration().orElseThrow().toNanos() / age.toNanos();
  }

  private String await(Predicate<String> wanted) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      String line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(OVER)) {
        throw new AssertionError(line == null ? "nothing within " + LIMIT : "it has ended");
      }
      if (wanted.test(line)) {
        return line;
      }
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lines.add(OVER);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
