package dev.gvmi.node.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gvmi.node.control.ControlCall.Failure;
import dev.gvmi.node.control.ControlCall.InspectRequest;
import dev.gvmi.node.control.ControlCall.Line;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.NodeService.PinRequest;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.NodeService.PublishRequest;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.control.NodeService.SharedRequest;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The control port of a daemon.
 *
 * <p>A caller that goes away cancels its call: an empty line each second finds that out.
 *
 * <p><b>Thread:</b> a virtual thread per connection, and one per call.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int TOKEN_BYTES = 32;
  private static final int MAX_LINES = 256;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path dataDir;
  private final NodeService service;
  private final Runnable onStop;
  private final byte[] authorization;
  private final HttpServer http;
  private final ExecutorService threads;
  private final Set<Thread> calls = ConcurrentHashMap.newKeySet();

  private ControlServer(
      Path dataDir, NodeService service, Runnable onStop, String token, HttpServer http) {
    this.dataDir = dataDir;
    this.service = service;
    this.onStop = onStop;
    this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.http = http;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("control-", 0).factory());
  }

  /**
   * Listens on a free port of the loopback and says where in the data directory.
   *
   * @param onStop runs when a caller asks the daemon to stop
   */
  public static ControlServer start(Path dataDir, NodeService service, Runnable onStop)
      throws IOException {
    byte[] secret = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(secret);
    String token = HexFormat.of().formatHex(secret);
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    HttpServer http = HttpServer.create(address, 0);
    ControlServer server = new ControlServer(dataDir, service, onStop, token, http);
    http.setExecutor(server.threads);
    http.createContext("/", server::handle);
    http.start();
    try {
      new ControlFile(http.getAddress().getPort(), token, ProcessHandle.current().pid())
          .write(dataDir);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      int refusal = refusal(exchange);
      Optional<ControlCall> call = callOf(exchange);
      if (refusal != 0 || call.isEmpty()) {
        exchange.sendResponseHeaders(refusal != 0 ? refusal : 404, -1);
        return;
      }
      byte[] body = exchange.getRequestBody().readNBytes(ControlCall.MAX_BODY_BYTES);
      exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
      exchange.sendResponseHeaders(200, 0);
      answer(call.get(), body, exchange.getResponseBody());
    } catch (IOException e) {
      LOG.debug("control call ended: {}", e.toString());
    }
  }

  private int refusal(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    byte[] presented = (given == null ? "" : given).getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(presented, authorization)) {
      return 401;
    }
    return exchange.getRequestMethod().equals("POST") ? 0 : 405;
  }

  private static Optional<ControlCall> callOf(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    for (ControlCall call : ControlCall.values()) {
      if (path.equals("/" + call.name().toLowerCase(Locale.ROOT))) {
        return Optional.of(call);
      }
    }
    return Optional.empty();
  }

  private void answer(ControlCall call, byte[] body, OutputStream out) throws IOException {
    LinkedBlockingQueue<Line> lines = new LinkedBlockingQueue<>();
    Thread worker =
        Thread.ofVirtual().name("call-" + call).unstarted(() -> lines.add(run(call, body, lines)));
    calls.add(worker);
    worker.start();
    try {
      writeAll(lines, out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      worker.interrupt();
      calls.remove(worker);
    }
    if (call == ControlCall.STOP) {
      onStop.run();
    }
  }

  /** Until the last line, which is no progress, is out. */
  private static void writeAll(LinkedBlockingQueue<Line> lines, OutputStream out)
      throws IOException, InterruptedException {
    boolean more = true;
    while (more) {
      Line line = lines.poll(1, TimeUnit.SECONDS);
      if (line != null) {
        out.write(JSON.writeValueAsBytes(line));
        more = line.progress() != null;
      }
      out.write('\n');
      out.flush();
    }
  }

  private Line run(ControlCall call, byte[] body, LinkedBlockingQueue<Line> lines) {
    Consumer<ProgressEvent> progress =
        event -> {
          if (lines.size() < MAX_LINES) {
            lines.add(new Line(event, null, null));
          }
        };
    try {
      return new Line(null, JSON.valueToTree(call(call, body, progress)), null);
    } catch (ServiceException e) {
      return failed(e.kind(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("control call {} failed", call, e);
      return failed(ServiceException.Kind.INTERNAL, "the daemon failed: " + e);
    }
  }

  private static Line failed(ServiceException.Kind kind, String message) {
    return new Line(null, null, new Failure(kind, message));
  }

  private Object call(ControlCall call, byte[] body, Consumer<ProgressEvent> progress) {
    return switch (call) {
      case PUBLISH -> service.publish(ControlCall.read(body, PublishRequest.class), progress);
      case PREFETCH -> service.prefetch(ControlCall.read(body, PrefetchRequest.class), progress);
      case LIST -> service.list();
      case INSPECT -> service.inspect(ControlCall.read(body, InspectRequest.class).image());
      case SHARED -> service.shared(ControlCall.read(body, SharedRequest.class));
      case AUDITABLE -> service.auditable();
      case VERIFY -> service.verify(ControlCall.read(body, VerifyRequest.class), progress);
      case REMOVE -> service.remove(ControlCall.read(body, RemoveRequest.class));
      case FIND -> service.find(ControlCall.read(body, FindRequest.class));
      case PIN -> service.pin(ControlCall.read(body, PinRequest.class));
      case PEERS -> service.peers();
      case BANS -> service.bans();
      case LIMITS -> service.limits();
      case LIMIT -> service.limit(ControlCall.read(body, LimitsRequest.class));
      case STATUS, STOP -> ofDaemon(service.status());
    };
  }

  private static NodeStatus ofDaemon(NodeStatus here) {
    return new NodeStatus(
        here.peerId(),
        here.version(),
        here.addresses(),
        here.dataDir(),
        here.runtimeCache(),
        here.images(),
        here.partials(),
        here.heldBytes(),
        here.peers(),
        here.receivedBytes(),
        here.sentBytes(),
        here.uptimeMs(),
        here.cache(),
        true,
        here.network(),
        here.http());
  }

  /** Cancels what runs, tells its callers, and takes no more. */
  @Override
  public void close() {
    calls.forEach(Thread::interrupt);
    try {
      for (Thread call : calls) {
        call.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.stop(1);
    threads.shutdownNow();
    try {
      ControlFile.delete(dataDir);
    } catch (IOException e) {
      LOG.warn("control.json in {} could not be deleted: {}", dataDir, e.toString());
    }
  }
}
