package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.gateway.ScriptedSource.Bytes;
import dev.gvmi.node.gateway.ScriptedSource.Fetch;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.registry.TestRegistry;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway on loopback whose fetches go as the test says. */
@Timeout(60)
final class GatewayIT {
  private static final int CHUNK = Geometry.CHUNK_BYTES;
  private static final TestImage IMAGE = TestImage.random(10 * CHUNK + 77, 42);
  private static final String PATH = "/image/" + IMAGE.id() + "/an%20image.gvmi";

  @TempDir private Path temp;
  private final ScriptedSource source = new ScriptedSource();
  private final List<Integer> answered = Collections.synchronizedList(new ArrayList<>());
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile Readiness readiness = new Readiness(List.of(), List.of("no peer is connected"));
  private ImageStore store;
  private RegistryFace registry;
  private InetSocketAddress address;

  @BeforeEach
  void start() throws IOException {
    store = RocksImageStore.open(temp.resolve("data"), new TestClock());
    open.add(store);
    registry = TestRegistry.on(temp.resolve("data"), store);
    open.add(registry);
    address = gateway(limits(256, 60, Duration.ofSeconds(30), Duration.ofSeconds(20)));
  }

  private static GatewayLimits limits(
      int connections, int fetchesPerMinute, Duration request, Duration headers) {
    return limits(connections, fetchesPerMinute, request, headers, Duration.ofSeconds(60));
  }

  private static GatewayLimits limits(
      int connections,
      int fetchesPerMinute,
      Duration request,
      Duration headers,
      Duration stalledAfter) {
    return new GatewayLimits(
        connections,
        8192,
        16_384,
        16,
        fetchesPerMinute,
        64,
        request,
        headers,
        stalledAfter,
        4096,
        Duration.ofSeconds(5));
  }

  private InetSocketAddress gateway(GatewayLimits limits) throws IOException {
    GatewayServer gateway =
        GatewayServer.start(
            new InetSocketAddress("127.0.0.1", 0),
            new GatewayServer.Parts(
                store,
                source,
                registry,
                () -> "gvmi_images 1\n",
                () -> readiness,
                (status, bytes) -> answered.add(status)),
            limits);
    open.add(gateway);
    return gateway.address();
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private RawHttp get(String path, String... headers) throws IOException {
    return ask("GET", path, headers);
  }

  private RawHttp ask(String method, String path, String... headers) throws IOException {
    RawHttp http = new RawHttp(address);
    open.add(http);
    return http.send(method, path, headers);
  }

  private Fetch begun() throws InterruptedException {
    Fetch fetch = source.begun.poll(20, TimeUnit.SECONDS);
    assertThat(fetch).as("a fetch begins").isNotNull();
    return fetch;
  }

  private FetchOutcome complete() throws IOException {
    return new FetchOutcome.Complete(IMAGE.into(store), Map.of("12D3", 1L), 0);
  }

  private static byte[] part(int from, int to) {
    return Arrays.copyOfRange(IMAGE.bytes(), from, to);
  }

  // ---- what is held ----

  @Test
  void anImageThatIsHeldIsServedWithWhatTheExeUnitLooksFor() throws IOException {
    IMAGE.into(store);
    RawHttp.Head head = ask("HEAD", PATH).head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers())
        .containsEntry("content-length", Integer.toString(IMAGE.bytes().length))
        .containsEntry("accept-ranges", "bytes")
        .containsEntry("etag", '"' + IMAGE.id().hex() + '"')
        .doesNotContainKey("content-encoding")
        .doesNotContainKey("transfer-encoding");

    RawHttp http = get(PATH, "Accept-Encoding: gzip, br");
    RawHttp.Head got = http.head();
    assertThat(got.headers()).isEqualTo(head.headers());
    assertThat(http.body(got.length())).isEqualTo(IMAGE.bytes());
    assertThat(source.begun).isEmpty();
  }

  @Test
  void partsOfAnImageAreServedOnOneConnection() throws IOException {
    IMAGE.into(store);
    int size = IMAGE.bytes().length;
    RawHttp http = get(PATH, "Range: bytes=1000-");
    RawHttp.Head head = http.head();
    assertThat(head.status()).isEqualTo(206);
    assertThat(head.headers())
        .containsEntry("content-range", "bytes 1000-" + (size - 1) + "/" + size);
    assertThat(http.body(head.length())).isEqualTo(part(1000, size));

    head = http.send("GET", PATH, "Range: bytes=5-9", "If-Range: \"" + IMAGE.id() + '"').head();
    assertThat(head.length()).isEqualTo(5);
    assertThat(http.body(5)).isEqualTo(part(5, 10));

    head = http.send("GET", PATH, "Range: bytes=-3").head();
    assertThat(http.body(head.length())).isEqualTo(part(size - 3, size));

    head = http.send("GET", PATH, "Range: bytes=" + size + "-").head();
    assertThat(head.status()).isEqualTo(416);
    assertThat(head.headers()).containsEntry("content-range", "bytes */" + size);
    assertThat(head.length()).isZero();

    head = http.send("HEAD", PATH, "Range: bytes=5-9").head();
    assertThat(head.length()).isEqualTo(5);

    head = http.send("GET", PATH, "Range: bytes=5-9", "If-Range: \"another\"").head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(http.body(head.length())).isEqualTo(IMAGE.bytes());
  }

  @Test
  void anImageThatChangedOnTheDiskIsFetchedNotServed() throws Exception {
    Path file = IMAGE.into(store).file();
    TestFiles.flipByte(file, 5);
    RawHttp http = get(PATH);
    begun().ends(new FetchOutcome.NotFound("nobody"));
    assertThatThrownBy(http::head).isInstanceOf(SocketException.class);
  }

  // ---- what arrives ----

  @Test
  void bytesAreSentAsTheyComeAndTheLastChunkWhenAllIsProven() throws Exception {
    RawHttp http = get(PATH);
    Fetch fetch = begun();
    Bytes bytes = new Bytes(IMAGE.bytes()).have(2L * CHUNK);
    fetch.sink().arriving(bytes);
    RawHttp.Head head = http.head();
    assertThat(head.length()).isEqualTo(IMAGE.bytes().length);
    assertThat(http.body(2L * CHUNK)).isEqualTo(part(0, 2 * CHUNK));
    await().until(() -> fetch.reader().bytes() == 2L * CHUNK);

    bytes.have(IMAGE.bytes().length);
    assertThat(http.body(8L * CHUNK)).isEqualTo(part(2 * CHUNK, 10 * CHUNK));
    await().until(() -> fetch.reader().bytes() == 10L * CHUNK);
    assertThat(answered).as("it is kept open without its last chunk").isEmpty();

    fetch.ends(complete());
    assertThat(http.body(77)).isEqualTo(part(10 * CHUNK, 10 * CHUNK + 77));
    assertThat(http.send("HEAD", PATH).head().headers()).containsEntry("accept-ranges", "bytes");
  }

  @Test
  void whatProvesFalseIsCutOffAndNeverOfferedInParts() throws Exception {
    RawHttp http = get(PATH);
    Fetch fetch = begun();
    fetch.sink().arriving(new Bytes(new byte[10 * CHUNK + 77]).have(10L * CHUNK + 77));
    assertThat(http.head().length()).isEqualTo(10L * CHUNK + 77);
    assertThat(http.body(10L * CHUNK)).hasSize(10 * CHUNK);
    fetch.ends(new FetchOutcome.VerificationFailed("another hash"));
    assertThatThrownBy(() -> http.body(1)).isInstanceOf(SocketException.class);
    await().until(() -> answered.contains(0));

    IMAGE.into(store);
    RawHttp again = get(PATH, "Range: bytes=" + CHUNK + "-");
    RawHttp.Head head = again.head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers()).doesNotContainKey("accept-ranges");
    assertThat(again.body(head.length())).isEqualTo(IMAGE.bytes());
  }

  @Test
  void whoWasSentBytesOfOneSourceIsNotSentThoseOfAnother() throws Exception {
    RawHttp http = get(PATH);
    Fetch fetch = begun();
    fetch.sink().arriving(new Bytes(new byte[10 * CHUNK + 77]).have(CHUNK));
    http.head();
    assertThat(http.body(CHUNK)).hasSize(CHUNK);
    fetch.sink().arriving(new Bytes(IMAGE.bytes()).have(2L * CHUNK));
    assertThatThrownBy(() -> http.body(1)).isInstanceOf(SocketException.class);

    RawHttp again = get(PATH);
    fetch.ends(complete());
    RawHttp.Head head = again.head();
    assertThat(again.body(head.length())).isEqualTo(IMAGE.bytes());
    assertThat(ask("HEAD", PATH).head().headers()).doesNotContainKey("accept-ranges");
  }

  @Test
  void whatWasSentUnderAManifestIsWorthNothingIfAnotherIsProven() throws Exception {
    RawHttp http = get(PATH);
    Fetch fetch = begun();
    fetch
        .sink()
        .arriving(
            new Bytes(IMAGE.bytes(), Optional.of(IMAGE.withFalseChunkHash(0).id())).have(CHUNK));
    http.head();
    assertThat(http.body(CHUNK)).hasSize(CHUNK);
    fetch.ends(complete());
    assertThatThrownBy(() -> http.body(1)).isInstanceOf(SocketException.class);
    RawHttp.Head head = ask("HEAD", PATH).head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers()).doesNotContainKey("accept-ranges");
  }

  @Test
  void aFetchThatEndsWithoutTheImageIsAResetNotAnAnswer() throws Exception {
    RawHttp http = get(PATH);
    begun().ends(new FetchOutcome.NotFound("nobody"));
    assertThatThrownBy(http::head).isInstanceOf(SocketException.class);
    RawHttp second = get(PATH);
    begun().ends(new IllegalStateException("a fault"));
    assertThatThrownBy(second::head).isInstanceOf(SocketException.class);
  }

  @Test
  void theHeadersGoOutInTimeThoughNobodyKnowsTheSize() throws Exception {
    address = gateway(limits(256, 60, Duration.ofSeconds(30), Duration.ofMillis(200)));
    RawHttp.Head size = ask("HEAD", PATH).head();
    assertThat(size.status()).isEqualTo(200);
    assertThat(size.headers())
        .doesNotContainKey("content-length")
        .containsEntry("accept-ranges", "bytes");
    assertThatThrownBy(get(PATH, "Range: bytes=5-")::head).isInstanceOf(SocketException.class);

    ExeUnitClient client = new ExeUnitClient(address, PATH, attempt -> {});
    Thread later =
        Thread.ofVirtual()
            .start(() -> {
              await().until(() -> client.log().stream().anyMatch(l -> l.startsWith("GET")));
              Fetch fetch = source.begun.poll();
              assertThat(fetch).isNotNull();
              fetch.sink().arriving(new Bytes(IMAGE.bytes()).have(3L * CHUNK));
              try {
                fetch.ends(complete());
              } catch (IOException e) {
                fetch.ends(new IllegalStateException(e));
              }
            });
    assertThat(client.download(IMAGE.id().hex()))
        .as(client.log().toString())
        .isEqualTo(ExeUnitClient.End.DOWNLOADED);
    later.join();
  }

  @Test
  void readersOfOneImageShareAFetchThatFollowsTheOneBehind() throws Exception {
    RawHttp first = get(PATH);
    Fetch fetch = begun();
    Bytes bytes = new Bytes(IMAGE.bytes()).have(4L * CHUNK);
    fetch.sink().arriving(bytes);
    first.head();
    first.body(4L * CHUNK);
    await().until(() -> fetch.reader().bytes() == 4L * CHUNK);
    RawHttp second = get(PATH, "Range: bytes=" + 6 * CHUNK + "-");
    second.head();
    await().until(() -> fetch.reader().bytes() == 4L * CHUNK);
    first.close();
    await().until(() -> fetch.reader().bytes() == 6L * CHUNK);
    fetch.ends(complete());
    assertThat(second.body(4L * CHUNK + 77)).isEqualTo(part(6 * CHUNK, 10 * CHUNK + 77));
    assertThat(source.origins).hasSize(1);
  }

  @Test
  void theOriginIsHandedOn() throws Exception {
    String origin = "http://example.com/x.gvmi?a=b";
    get("/fetch/" + IMAGE.id() + "/x.gvmi?origin=http%3A%2F%2Fexample.com%2Fx.gvmi%3Fa%3Db");
    begun().ends(new FetchOutcome.NotFound("nobody"));
    assertThat(source.origins).containsExactly(Optional.of(OriginUrl.parse(origin)));
  }

  // ---- what is refused ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/image/..%2f..%2fetc%2fpasswd",
        "/image/../../etc/passwd",
        "/images",
        "/fetch/x/y"
      })
  void thereIsNothingAtOtherPaths(String path) throws IOException {
    assertThat(get(path).head().status()).isEqualTo(404);
    assertThat(source.begun).isEmpty();
  }

  @Test
  void requestsOfWebPagesAndForOtherHostsAreRefused() throws IOException {
    IMAGE.into(store);
    assertThat(get(PATH, "Origin: http://evil.example").head().status()).isEqualTo(403);
    assertThat(get(PATH, "Host: another").head().status()).isEqualTo(403);
    RawHttp rebound = new RawHttp(address);
    open.add(rebound);
    rebound.write("GET " + PATH + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assertThat(rebound.head().status()).isEqualTo(403);
    assertThat(ask("POST", PATH, "Content-Length: 0").head().status()).isEqualTo(405);
    assertThat(ask("DELETE", PATH).head().status()).isEqualTo(405);
  }

  @Test
  void headersMayHaveSoMuchAndNotMore() throws IOException {
    IMAGE.into(store);
    assertThat(ask("HEAD", PATH, "X: " + "x".repeat(16_000)).head().status()).isEqualTo(200);
    assertThat(ask("HEAD", PATH, "X: " + "x".repeat(16_384)).head().status()).isEqualTo(400);
    assertThat(ask("HEAD", PATH + "?" + "x".repeat(8192)).head().status()).isEqualTo(400);
    RawHttp garbage = new RawHttp(address);
    open.add(garbage);
    assertThat(garbage.write("\u0001\u0002\r\n\r\n").head().status()).isEqualTo(400);
  }

  @Test
  void oneConnectionMoreThanTheLimitIsReset() throws IOException {
    address = gateway(limits(2, 60, Duration.ofSeconds(30), Duration.ofSeconds(20)));
    assertThat(get("/health/live").head().status()).isEqualTo(200);
    RawHttp second = get("/health/live");
    assertThat(second.head().status()).isEqualTo(200);
    assertThatThrownBy(() -> get("/health/live").head()).isInstanceOf(IOException.class);
    second.close();
    await()
        .until(() -> {
          try {
            return get("/health/live").head().status() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void whoTakesNothingOfAnImageIsCutOff() throws IOException {
    address =
        gateway(
            limits(2, 60, Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofMillis(200)));
    TestImage large = TestImage.random(32 << 20, 43); // more than the sockets take
    large.into(store);
    RawHttp idle = get("/image/" + large.id());
    assertThat(idle.head().status()).isEqualTo(200);
    await().until(() -> answered.contains(0));
    RawHttp.Head other = get("/health/live").head();
    assertThat(other.status()).isEqualTo(200);
  }

  @Test
  void whoSaysNotWhatItWantsIsClosed() throws IOException {
    address = gateway(limits(2, 60, Duration.ofMillis(200), Duration.ofSeconds(20)));
    RawHttp slow = new RawHttp(address);
    open.add(slow);
    assertThat(slow.write("GET / HTTP/1.1\r\nHost:").body(1)).isEmpty();
  }

  @Test
  void oneFetchMoreThanTheLimitIsReset() throws Exception {
    address = gateway(limits(256, 1, Duration.ofSeconds(30), Duration.ofSeconds(20)));
    RawHttp first = get(PATH);
    Fetch fetch = begun();
    assertThatThrownBy(() -> get("/image/" + TestImage.random(10, 1).id()).head())
        .isInstanceOf(SocketException.class);
    fetch.ends(complete());
    assertThat(first.head().status()).isEqualTo(200);
  }

  // ---- the rest ----

  @Test
  void metricsAndHealthAreTold() throws IOException {
    RawHttp http = get("/metrics");
    assertThat(http.text(http.head())).isEqualTo("gvmi_images 1\n");
    RawHttp.Head live = http.send("GET", "/health/live").head();
    assertThat(http.text(live)).isEqualTo("{\"live\":true}\n");
    RawHttp.Head ready = http.send("GET", "/health/ready").head();
    assertThat(ready.status()).isEqualTo(200);
    assertThat(http.text(ready))
        .isEqualTo("{\"ready\":true,\"reasons\":[],\"notes\":[\"no peer is connected\"]}\n");
    readiness = new Readiness(List.of("the disk is full"), List.of());
    ready = http.send("GET", "/health/ready").head();
    assertThat(ready.status()).isEqualTo(503);
    assertThat(http.text(ready))
        .isEqualTo("{\"ready\":false,\"reasons\":[\"the disk is full\"],\"notes\":[]}\n");
    await().until(() -> answered.contains(503));
  }

  @Test
  void aPortInUseIsSaidInOneLine() {
    assertThatThrownBy(() ->
            GatewayServer.start(
                address,
                new GatewayServer.Parts(
                    store, source, registry, () -> "", () -> readiness, (status, bytes) -> {})))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen for HTTP at 127.0.0.1:" + address.getPort())
        .hasMessageContaining("in use");
  }

  @Test
  void whatIsAskedBeforeTheAnswerHasEndedIsAnsweredNext() throws Exception {
    IMAGE.into(store);
    RawHttp http = get("/health/live").send("HEAD", PATH);
    RawHttp.Head first = http.head();
    http.text(first);
    assertThat(http.head().length()).isEqualTo(IMAGE.bytes().length);
  }
}
