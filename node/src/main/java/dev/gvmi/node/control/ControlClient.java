package dev.gvmi.node.control;

import dev.gvmi.node.control.ControlCall.Failure;
import dev.gvmi.node.control.ControlCall.InspectRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a daemon over its control port. <b>Thread:</b> any; an interrupt hangs up, which cancels the
 * call.
 */
public final class ControlClient implements NodeService {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final long LOOK_MILLIS = 50;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path dataDir;
  private final ControlFile daemon;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .sslContext(new NoTls())
          .connectTimeout(CONNECT)
          .build();

  private ControlClient(Path dataDir, ControlFile daemon) {
    this.dataDir = dataDir;
    this.daemon = daemon;
  }

  /** The daemon that holds this data directory; empty if none answers. */
  public static Optional<NodeService> connect(Path dataDir) {
    Optional<ControlFile> file = ControlFile.read(dataDir);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    ControlClient client = new ControlClient(dataDir, file.get());
    try {
      boolean daemon = client.call(ControlCall.STATUS, Map.of()).path("daemon").asBoolean(false);
      return daemon ? Optional.of(client) : Optional.empty();
    } catch (ServiceException e) {
      client.close();
      if (e.kind() == ServiceException.Kind.UNREACHABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress) {
    return read(call(ControlCall.PUBLISH, request, progress), PublishResult.class);
  }

  @Override
  public PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress) {
    return read(call(ControlCall.PREFETCH, request, progress), PrefetchResult.class);
  }

  @Override
  public List<ImageSummary> list() {
    return Arrays.asList(read(call(ControlCall.LIST, Map.of()), ImageSummary[].class));
  }

  @Override
  public ImageDetails inspect(String image) {
    return read(call(ControlCall.INSPECT, new InspectRequest(image)), ImageDetails.class);
  }

  @Override
  public NodeStatus status() {
    return read(call(ControlCall.STATUS, Map.of()), NodeStatus.class);
  }

  @Override
  public SharedResult shared(SharedRequest request) {
    return read(call(ControlCall.SHARED, request), SharedResult.class);
  }

  @Override
  public List<String> auditable() {
    return Arrays.asList(read(call(ControlCall.AUDITABLE, Map.of()), String[].class));
  }

  @Override
  public VerifyResult verify(VerifyRequest request, Consumer<ProgressEvent> progress) {
    return read(call(ControlCall.VERIFY, request, progress), VerifyResult.class);
  }

  @Override
  public RemoveResult remove(RemoveRequest request) {
    return read(call(ControlCall.REMOVE, request), RemoveResult.class);
  }

  @Override
  public FindResult find(FindRequest request) {
    return read(call(ControlCall.FIND, request), FindResult.class);
  }

  @Override
  public PinResult pin(PinRequest request) {
    return read(call(ControlCall.PIN, request), PinResult.class);
  }

  @Override
  public List<PeerSummary> peers() {
    return Arrays.asList(read(call(ControlCall.PEERS, Map.of()), PeerSummary[].class));
  }

  @Override
  public List<BanSummary> bans() {
    return Arrays.asList(read(call(ControlCall.BANS, Map.of()), BanSummary[].class));
  }

  @Override
  public List<LimitSummary> limits() {
    return Arrays.asList(read(call(ControlCall.LIMITS, Map.of()), LimitSummary[].class));
  }

  @Override
  public List<LimitSummary> limit(LimitsRequest request) {
    return Arrays.asList(read(call(ControlCall.LIMIT, request), LimitSummary[].class));
  }

  /** Returns when the daemon no longer answers. */
  @Override
  public void stop() {
    NodeStatus last = read(call(ControlCall.STOP, Map.of()), NodeStatus.class);
    long end = System.nanoTime() + STOP.toNanos();
    try {
      while (ControlFile.exists(dataDir) || isAlive()) {
        if (System.nanoTime() > end) {
          throw new ServiceException(
              ServiceException.Kind.TIMED_OUT,
              "the daemon "
                  + last.peerId()
                  + " (pid "
                  + daemon.pid()
                  + ") was asked to stop, and still runs after "
                  + STOP.toSeconds()
                  + " s");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** A daemon inside this very process has only its control file to be gone. */
  private boolean isAlive() {
    return daemon.pid() != ProcessHandle.current().pid()
        && ProcessHandle.of(daemon.pid()).map(ProcessHandle::isAlive).orElse(false);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private JsonNode call(ControlCall call, Object body) {
    return call(call, body, event -> {});
  }

  private JsonNode call(ControlCall call, Object body, Consumer<ProgressEvent> progress) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + daemon.port()
                        + "/"
                        + call.name().toLowerCase(Locale.ROOT)))
            .header("Authorization", "Bearer " + daemon.token())
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build();
    try {
      HttpResponse<InputStream> answer =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = answer.body()) {
        if (answer.statusCode() != 200) {
          throw new IOException("status " + answer.statusCode());
        }
        return lastLine(in, progress);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (IOException | JacksonException e) {
      if (Thread.currentThread().isInterrupted() || e.getCause() instanceof InterruptedException) {
        throw interrupted(e);
      }
      throw new ServiceException(
          ServiceException.Kind.UNREACHABLE,
          "the daemon of "
              + dataDir
              + " (pid "
              + daemon.pid()
              + ") does not answer: is it still running?",
          e);
    }
  }

  private static ServiceException interrupted(Exception cause) {
    Thread.currentThread().interrupt();
    return new ServiceException(
        ServiceException.Kind.INTERRUPTED,
        "interrupted; what came is kept, the same command goes on from there",
        cause);
  }

  private static JsonNode lastLine(InputStream in, Consumer<ProgressEvent> progress)
      throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String text = lines.readLine(); text != null; text = lines.readLine()) {
      if (text.isEmpty()) {
        continue;
      }
      // see ControlCall.Line; most commands see no progress and no failure
      JsonNode line = JSON.readTree(text);
      if (line.hasNonNull("progress")) {
        progress.accept(read(line.get("progress"), ProgressEvent.class));
      } else if (line.hasNonNull("failure")) {
        Failure failure = read(line.get("failure"), Failure.class);
        throw new ServiceException(failure.kind(), failure.message());
      } else if (line.hasNonNull("result")) {
        return line.get("result");
      }
    }
    throw new IOException("the answer has no end");
  }

  private static <T> T read(JsonNode result, Class<T> type) {
    return JSON.treeToValue(result, type);
  }
}
