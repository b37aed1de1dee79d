package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.Lan;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process that takes part in multicast DNS on a machine of a {@link Lan}: a {@link MdnsPeer}, or
 * one that prints the same.
 */
public final class MdnsProcess implements AutoCloseable {
  /** Of tests alone. */
  public static final String SERVICE = "_p2p-test-xyz._udp.local";

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String OVER = "over";

  private final Process process;
  private final Writer stdin;
  private @Nullable PeerId id;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private final List<String> passed = new ArrayList<>();

  private MdnsProcess(ProcessBuilder command) throws IOException {
    this.process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    this.stdin = process.outputWriter();
    Thread.ofVirtual().start(this::read);
  }

  /** Takes part when it returns. */
  public static MdnsProcess start(Lan lan, int machine, PeerId id, String... addresses)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(SERVICE, id.toString()));
    arguments.addAll(List.of(addresses));
    return start(new ProcessBuilder(lan.on(machine, java(MdnsPeer.class, arguments))));
  }

  /** One of another implementation. */
  public static MdnsProcess start(Lan lan, int machine, List<String> command, Path directory)
      throws Exception {
    return start(new ProcessBuilder(lan.on(machine, command)).directory(directory.toFile()));
  }

  private static MdnsProcess start(ProcessBuilder command) throws Exception {
    MdnsProcess peer = new MdnsProcess(command);
    try {
      peer.id = PeerId.parse(peer.await(line -> line.startsWith("ready ")).split(" ", -1)[1]);
      return peer;
    } catch (AssertionError e) {
      peer.close();
      throw e;
    }
  }

  /** Sends what it can. */
  static MdnsProcess flood(Lan lan, int machine) throws Exception {
    return new MdnsProcess(
        new ProcessBuilder(lan.on(machine, java(MdnsFlood.class, List.of(SERVICE, "lan")))));
  }

  private static List<String> java(Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), main.getName()));
    command.addAll(arguments);
    return command;
  }

  public PeerId id() {
    return Objects.requireNonNull(id);
  }

  /** The addresses of a peer, once it is found. */
  public List<String> found(PeerId peer) throws InterruptedException {
    String line = await(l -> l.startsWith("found " + peer + " "));
    return Stream.of(line.split(" ", -1)).skip(2).toList();
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
    Duration age = Duration.between(info.startInstant().orElseThrow(), Instant.now());
    return (double) info.totalCpuDuration().orElseThrow().toNanos() / age.toNanos();
  }

  /** The first such line that was not taken yet. */
  private String await(Predicate<String> wanted) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    for (int i = 0; i < passed.size(); i++) {
      if (wanted.test(passed.get(i))) {
        return passed.remove(i);
      }
    }
    while (true) {
      String line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(OVER)) {
        throw new AssertionError(line == null ? "nothing within " + LIMIT : "it has ended");
      }
      if (wanted.test(line)) {
        return line;
      }
      passed.add(line);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // It was killed, which closes what it has not yet said.
    } finally {
      lines.add(OVER);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
