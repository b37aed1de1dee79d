package dev.gvmi.libp2p.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A peer of another implementation: a process that is told what to do in JSON lines.
 *
 * <p><b>Thread:</b> any.
 */
class RemotePeer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

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

    Failure(JsonNode error) {
      super(error.toString());
    }
  }

  /** Starts the process, whose stderr goes to {@code log}, and waits until it listens. */
  RemotePeer(ProcessBuilder command, Path log) throws Exception {
    this.process = command.redirectError(log.toFile()).start();
    this.log = log;
    this.stdin = process.outputWriter(UTF_8);
    Thread.ofVirtual().name("remote-peer").start(this::readLines);
    try {
      await(ready, "ready");
    } catch (Exception e) {
      process.destroyForcibly().onExit().join();
      throw e;
    }
  }

  /** What is skipped is told on standard error too, once: the report of a run does not say why. */
  static void skipUnless(boolean there, String what, String why) {
    if (!there && SAID.add(what)) {
      System.err.println(what + " is skipped: " + why);
    }
    Assumptions.assumeTrue(there, what + ": " + why);
  }

  PeerId id() {
    return PeerId.parse(ready.join().path("peer").asString());
  }

  /** The first of those where it listens, with its peer id. */
  Multiaddr address() {
    return addresses().getFirst();
  }

  List<Multiaddr> addresses() {
    return ready
        .join()
        .path("addresses")
        .valueStream()
        .map(JsonNode::asString)
        .map(Multiaddr::parse)
        .toList();
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
