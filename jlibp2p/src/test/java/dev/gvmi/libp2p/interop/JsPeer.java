package dev.gvmi.libp2p.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A js-libp2p peer: the process {@code node peer.mjs}, which is told what to do in JSON lines.
 *
 * <p><b>Thread:</b> any.
 */
final class JsPeer implements AutoCloseable {
  static final String AGENT = "interop-js/1";
  private static final String DIRECTORY_PROPERTY = "interop.js";
  private static final String HOW_TO_RUN =
      "; to run against js-libp2p: npm ci in interop/js, then mvn verify -D"
          + DIRECTORY_PROPERTY
          + "=<absolute path of interop/js>";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final Path log;
  private final Writer stdin;
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<JsonNode>> served = new ConcurrentHashMap<>();
  private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();

  /** A command failed on the other side. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private Failure(JsonNode error) {
      super(error.toString());
    }
  }

  private static final AtomicBoolean SAID = new AtomicBoolean();

  private JsPeer(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.stdin = process.outputWriter(UTF_8);
    Thread.ofVirtual().name("js-peer").start(this::readLines);
  }

  /** Where the peer is installed; skips the test, and says why, if it is not. */
  static Path assumeInstalled() {
    String property = System.getProperty(DIRECTORY_PROPERTY, "");
    skipUnless(!property.isBlank(), "no property " + DIRECTORY_PROPERTY);
    Path directory = Path.of(property).toAbsolutePath().normalize();
    skipUnless(
        Files.isDirectory(directory.resolve("node_modules")), "no node_modules in " + directory);
    skipUnless(nodeIsOnPath(), "no program \"node\" on the path");
    return directory;
  }

  /** What is skipped is told on standard error too, once: the report of a run does not say why. */
  private static void skipUnless(boolean there, String why) {
    if (!there && SAID.compareAndSet(false, true)) {
      System.err.println("JsInteropIT is skipped: " + why + HOW_TO_RUN);
    }
    Assumptions.assumeTrue(there, why + HOW_TO_RUN);
  }

  private static boolean nodeIsOnPath() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Arrays.stream(path.split(Pattern.quote(File.pathSeparator)))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "node")));
  }

  /**
   * Starts the process, whose stderr goes to {@code log}, and waits until it listens.
   *
   * @param encrypters what it proposes and accepts, in its order: {@code noise,tls}
   */
  static JsPeer start(Path directory, Path log, String encrypters) throws Exception {
    Process process =
        new ProcessBuilder("node", "peer.mjs", AGENT, encrypters)
            .directory(directory.toFile())
            .redirectError(log.toFile())
            .start();
    JsPeer peer = new JsPeer(process, log);
    try {
      peer.await(peer.ready, "ready");
      return peer;
    } catch (Exception e) {
      peer.close();
      throw e;
    }
  }

  PeerId id() {
    return PeerId.parse(ready.join().path("peer").asString());
  }

  /** Where it listens, with its peer id. */
  Multiaddr address() {
    return Multiaddr.parse(ready.join().path("addresses").path(0).asString());
  }

  /** Runs one of its commands to the end, with parameters as names and values in turn. */
  JsonNode call(String command, Object... parameters) throws Exception {
    int id = lastId.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    calls.put(id, answer);
    ObjectNode request = JSON.createObjectNode().put("id", id).put("command", command);
    for (int i = 0; i < parameters.length; i += 2) {
      request.putPOJO((String) parameters[i], parameters[i + 1]);
    }
    try {
      send(JSON.writeValueAsString(request));
      JsonNode message = await(answer, command);
      if (message.has("error")) {
        throw new Failure(message.path("error"));
      }
      return message.path("result");
    } finally {
      calls.remove(id);
    }
  }

  private synchronized void send(String line) throws IOException {
    stdin.write(line + "\n");
    stdin.flush();
  }

  /** Waits for the next stream of the protocol, opened by us, that is over there. */
  JsonNode served(ProtocolId protocol) throws InterruptedException {
    JsonNode next = journal(protocol.text()).poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no stream of " + protocol + " was over within " + LIMIT);
    }
    return next;
  }

  private BlockingQueue<JsonNode> journal(String protocol) {
    return served.computeIfAbsent(protocol, p -> new LinkedBlockingQueue<>());
  }

  private <T> T await(CompletableFuture<T> future, String what) throws Exception {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(what + " took longer than " + LIMIT + complaints(), e);
    } catch (ExecutionException e) {
      throw new AssertionError(what + " was not answered" + complaints(), e);
    }
  }

  private String complaints() {
    try {
      return "; stderr: " + Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readLines() {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(JSON.readTree(line));
      }
      over(new IOException("the process has ended"));
    } catch (IOException | RuntimeException e) {
      over(e);
    }
  }

  private void take(JsonNode message) {
    switch (message.path("event").asString("")) {
      case "ready" -> ready.complete(message);
      case "served" -> journal(message.path("protocol").asString()).add(message);
      default -> {
        CompletableFuture<JsonNode> call = calls.get(message.path("id").asInt());
        if (call != null) {
          call.complete(message);
        }
      }
    }
  }

  private void over(Exception reason) {
    ready.completeExceptionally(reason);
    calls.values().forEach(call -> call.completeExceptionally(reason));
  }

  /** Kills the process and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
