package dev.gvmi.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlPortIT {
  @TempDir Path dataDir;
  private final Answers service = new Answers();
  private final AtomicBoolean stopAsked = new AtomicBoolean();
  private ControlServer server;

  /** Answers what the test wants to see again. */
  private static final class Answers implements NodeService {
    final CountDownLatch began = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress) {
      throw new ServiceException(ServiceException.Kind.NO_SPACE, "no space for " + request.file());
    }

    @Override
    public PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress) {
      if (request.image().equals("forever")) {
        began.countDown();
        try {
          TimeUnit.MINUTES.sleep(5);
        } catch (InterruptedException e) {
          interrupted.countDown();
        }
        throw new ServiceException(ServiceException.Kind.INTERRUPTED, "interrupted");
      }
      progress.accept(new ProgressEvent("fetching", 1, 2, 3, 4, "a note"));
      return new PrefetchResult(
          Outcome.COMPLETE,
          request.image(),
          String.valueOf(request.timeout()),
          7,
          String.valueOf(request.to()),
          null,
          Map.of("p", 7L),
          0,
          1,
          "");
    }

    @Override
    public List<ImageSummary> list() {
      return List.of(new ImageSummary("i", "m", 1, 1, true, Instant.EPOCH, "/p", true));
    }

    @Override
    public ImageDetails inspect(String image) {
      throw new IllegalStateException("a fault of ours");
    }

    @Override
    public NodeStatus status() {
      return new NodeStatus(
          "id",
          "v",
          List.of("a"),
          Path.of("/d"),
          null,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          new CacheUsage(9L, 8, 7),
          false,
          null,
          null);
    }

    @Override
    public List<String> auditable() {
      return List.of("i", "j");
    }

    @Override
    public VerifyResult verify(VerifyRequest request, Consumer<ProgressEvent> progress) {
      progress.accept(new ProgressEvent("verifying", 1, 2, 3, 0, null));
      return new VerifyResult(
          Outcome.NOT_PLACED,
          request.image(),
          null,
          9,
          3,
          2,
          true,
          Map.of("p", 7L),
          List.of("/c/a"),
          List.of(),
          List.of("/c/b: " + request.runtimeCache()),
          5,
          String.join(",", request.peers()));
    }

    @Override
    public SharedResult shared(SharedRequest request) {
      return new SharedResult((long) request.image().length() + request.file().getNameCount());
    }

    @Override
    public RemoveResult remove(RemoveRequest request) {
      return new RemoveResult(
          Outcome.COMPLETE, request.image(), 9, List.of("/c/a"), List.of("/c/b: used"), "");
    }

    @Override
    public List<LimitSummary> limit(LimitsRequest request) {
      return limits();
    }

    @Override
    public PinResult pin(PinRequest request) {
      return new PinResult(Outcome.COMPLETE, request.image(), request.pinned(), "");
    }

    @Override
    public List<BanSummary> bans() {
      return List.of(
          new BanSummary("id", "short", "ab", true, "sent wrong bytes", java.time.Instant.EPOCH));
    }

    @Override
    public List<PeerSummary> peers() {
      return List.of(
          new PeerSummary(
              "id",
              "short",
              "/a",
              true,
              null,
              List.of("/p"),
              "/noise",
              null,
              3,
              1L,
              null,
              List.of("i"),
              Instant.EPOCH,
              250L,
              "dht"));
    }

    @Override
    public FindResult find(FindRequest request) {
      return new FindResult(
          Outcome.COMPLETE,
          request.image(),
          List.of(new HolderSummary("id", "short", "/a", "dht", true, "m", 250L)),
          3,
          7,
          String.join(",", request.peers()));
    }

    @Override
    public List<LimitSummary> limits() {
      return List.of(new LimitSummary("heap", 1L << 40, "bytes", null, "of the heap"));
    }

    @Override
    public void stop() {}

    @Override
    public void close() {}
  }

  @Test
  void upkeepGoesThroughUnchanged() {
    try (NodeService daemon = ControlClient.connect(dataDir).orElseThrow()) {
      var verify = new NodeService.VerifyRequest("i", List.of("p", "q"), "none");
      assertThat(daemon.verify(verify, event -> {})).isEqualTo(service.verify(verify, event -> {}));
      var remove = new NodeService.RemoveRequest("i", null);
      assertThat(daemon.remove(remove)).isEqualTo(service.remove(remove));
      var shared = new NodeService.SharedRequest("ab", Path.of("/d/i"));
      assertThat(daemon.shared(shared)).isEqualTo(service.shared(shared));
      assertThat(daemon.auditable()).isEqualTo(service.auditable());
      assertThat(daemon.peers()).isEqualTo(service.peers());
      assertThat(daemon.bans()).isEqualTo(service.bans());
      var find = new NodeService.FindRequest("i", List.of("p"), java.time.Duration.ofSeconds(3));
      assertThat(daemon.find(find)).isEqualTo(service.find(find));
      assertThat(daemon.limits()).isEqualTo(service.limits());
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = ControlServer.start(dataDir, service, () -> stopAsked.set(true));
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(dataDir.resolve("control.json")).doesNotExist();
  }

  private NodeService client() {
    return ControlClient.connect(dataDir).orElseThrow();
  }

  @Test
  void carriesCallsResultsAndProgress() {
    try (NodeService client = client()) {
      List<NodeService.ProgressEvent> events = new ArrayList<>();
      NodeService.PrefetchResult result =
          client.prefetch(
              new NodeService.PrefetchRequest(
                  "x", List.of("/ip4/1.2.3.4"), Path.of("/a b"), Duration.ofSeconds(3), "none"),
              events::add);
      assertThat(result.outcome()).isEqualTo(NodeService.Outcome.COMPLETE);
      assertThat(result.manifest()).isEqualTo("PT3S");
      assertThat(result.path()).isEqualTo("/a b");
      assertThat(result.placed()).isNull();
      assertThat(result.sources()).containsEntry("p", 7L);
      assertThat(events)
          .containsExactly(new NodeService.ProgressEvent("fetching", 1, 2, 3, 4, "a note"));
      assertThat(client.list()).isEqualTo(service.list());
      assertThat(client.status().daemon()).isTrue();
      assertThat(client.status().dataDir()).isEqualTo(Path.of("/d"));
    }
  }

  @Test
  void carriesFailures() {
    try (NodeService client = client()) {
      assertThatThrownBy(() ->
              client.publish(new NodeService.PublishRequest(Path.of("/x"), null), event -> {}))
          .isInstanceOf(ServiceException.class)
          .hasMessage("no space for /x")
          .extracting(e -> ((ServiceException) e).kind())
          .isEqualTo(ServiceException.Kind.NO_SPACE);
      assertThatThrownBy(() -> client.inspect("x"))
          .hasMessageContaining("a fault of ours")
          .extracting(e -> ((ServiceException) e).kind())
          .isEqualTo(ServiceException.Kind.INTERNAL);
    }
  }

  /** How it ended. */
  private ServiceException prefetchForever() {
    try (NodeService client = client()) {
      client.prefetch(
          new NodeService.PrefetchRequest("forever", List.of(), null, null, null), event -> {});
      throw new AssertionError("a prefetch that goes on forever has ended well");
    } catch (ServiceException e) {
      return e;
    }
  }

  @Test
  void aCallerThatGoesAwayCancelsItsCall() throws Exception {
    FutureTask<ServiceException> fault = new FutureTask<>(this::prefetchForever);
    Thread caller = Thread.ofVirtual().start(fault);
    assertThat(service.began.await(20, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    assertThat(service.interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(fault.get(20, TimeUnit.SECONDS).kind()).isEqualTo(ServiceException.Kind.INTERRUPTED);
  }

  @Test
  void closingCancelsWhatRuns() throws Exception {
    FutureTask<ServiceException> fault = new FutureTask<>(this::prefetchForever);
    Thread.ofVirtual().start(fault);
    assertThat(service.began.await(20, TimeUnit.SECONDS)).isTrue();
    server.close();
    assertThat(service.interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(fault.get(20, TimeUnit.SECONDS).getMessage()).isNotEmpty();
  }

  @Test
  void aStopIsPassedOn() throws Exception {
    assertThat(post("/stop", token()).statusCode()).isEqualTo(200);
    await().untilTrue(stopAsked);
  }

  @Test
  void onlyWhoKnowsTheTokenIsServed() throws Exception {
    assertThat(post("/status", "wrong").statusCode()).isEqualTo(401);
    assertThat(post("/stop", "").statusCode()).isEqualTo(401);
    assertThat(post("/nothing", token()).statusCode()).isEqualTo(404);
    assertThat(stopAsked).isFalse();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(dataDir.resolve("control.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aMalformedCallIsRefused() throws Exception {
    HttpResponse<String> answer = post("/prefetch", token());
    assertThat(answer.body()).contains("malformed call").contains("USAGE");
  }

  @Test
  void aFileOfADaemonThatIsGoneIsNoDaemon() throws Exception {
    byte[] file = Files.readAllBytes(dataDir.resolve("control.json"));
    server.close();
    Files.write(dataDir.resolve("control.json"), file);
    assertThat(ControlClient.connect(dataDir)).isEmpty();
    Files.writeString(dataDir.resolve("control.json"), "{\"port\":-1");
    assertThat(ControlClient.connect(dataDir)).isEmpty();
    Files.delete(dataDir.resolve("control.json"));
  }

  private String token() {
    return ControlFile.read(dataDir).orElseThrow().token();
  }

  private HttpResponse<String> post(String path, String token) throws Exception {
    int port = ControlFile.read(dataDir).orElseThrow().port();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .header("Authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.ofString("[1"))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
