package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.gateway.GatewayServer;
import dev.gvmi.node.gateway.RawHttp;
import dev.gvmi.node.gateway.Readiness;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.registry.GvmkitClient.Answer;
import dev.gvmi.node.registry.GvmkitClient.Source;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images are pushed to a gateway on loopback, as gvmkit-build does it and as it does not. */
@Timeout(60)
final class PushIT {
  private static final byte[] IMAGE = TestGvmi.random(1_000_000, 7);
  private static final Source SOURCE = new Source(IMAGE, 100_000);
  private static final String NAME = "user/repo:1.0";

  @TempDir private Path temp;
  private final TestClock clock = new TestClock();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Path data;
  private ImageStore store;
  private RegistryState state;
  private InetSocketAddress address;
  private GvmkitClient client;

  @BeforeEach
  void start() throws IOException {
    start(RegistryConfig.DEFAULT, RegistryLimits.DEFAULT, Space.of(() -> Long.MAX_VALUE));
  }

  private void start(RegistryConfig config, RegistryLimits limits, Space space) throws IOException {
    data = temp.resolve("data");
    store = RocksImageStore.open(data, new TestClock());
    open.add(store);
    RegistryFace.Parts parts = TestRegistry.parts(data, store, space, clock, null, limits);
    state = parts.state();
    RegistryFace face = RegistryFace.start(parts, config, limits);
    open.add(face);
    GatewayServer gateway =
        GatewayServer.start(
            new InetSocketAddress("127.0.0.1", 0),
            new GatewayServer.Parts(
                store,
                (image, origin, reader, sink) -> new FetchOutcome.NotFound("nobody"),
                face,
                () -> "",
                () -> new Readiness(List.of(), List.of()),
                (status, bytes) -> {}));
    open.add(gateway);
    address = gateway.address();
    client = new GvmkitClient(address);
    open.add(client);
  }

  private void restart(RegistryConfig config, RegistryLimits limits, Space space) throws Exception {
    end();
    start(config, limits, space);
  }

  private void restart() throws Exception {
    restart(RegistryConfig.DEFAULT, RegistryLimits.DEFAULT, Space.of(() -> Long.MAX_VALUE));
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    open.clear();
  }

  private String token() throws IOException {
    return Files.readString(data.resolve("push-token")).strip();
  }

  private static ImageId id(Source source) {
    return ImageId.parseHex(source.sha3());
  }

  private byte[] download(String path, int bytes) throws IOException {
    try (RawHttp http = new RawHttp(address).send("GET", path)) {
      RawHttp.Head head = http.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.length()).isEqualTo(bytes);
      return http.body(head.length());
    }
  }

  // ---- as gvmkit-build does it ----

  @ParameterizedTest
  @ValueSource(ints = {1_001, 65_536, 333_333, 1_000_034, 20_000_000})
  void anImageIsPushedVerifiedAndTagged(int chunkBytes) throws Exception {
    Source source = new Source(IMAGE, chunkBytes);
    client.push(source, NAME, token());
    assertThat(store.image(id(source)).orElseThrow().sizeBytes()).isEqualTo(IMAGE.length);
    assertThat(state.isTagged(id(source))).isTrue();
    assertThat(state.names().image(NAME)).contains(id(source));
    assertThat(data.resolve("uploads")).isEmptyDirectory();
    assertThat(client.status(source.id()).text())
        .startsWith("{\"descriptor\":\"ok\",\"version\":1,\"status\":\"full\",\"chunks\":[1");
    assertThat(download("/download/" + source.id(), IMAGE.length)).isEqualTo(IMAGE);
    assertThat(download("/download/" + source.sha3(), IMAGE.length)).isEqualTo(IMAGE);
    assertThat(download("/v1/image/download?tag=" + NAME + "&https=true", IMAGE.length))
        .isEqualTo(IMAGE);
    assertThat(download("/v1/image/download?hash=" + source.sha3(), IMAGE.length)).isEqualTo(IMAGE);
  }

  @Test
  void anImageThatIsHeldIsFullAtOnceInChunksOfAnySize() throws Exception {
    client.push(SOURCE, NAME, token());
    Source other = new Source(IMAGE, 5_000);
    assertThat(client.status(other.id()).text()).isEqualTo("{\"descriptor\":\"not found\"}\n");
    assertThat(client.push(other, "user/repo:2.0", token())).as("chunks pushed").isZero();
    assertThat(client.push(SOURCE, NAME, token())).isZero();
  }

  @Test
  void aPushGoesOnWhereItWasAfterARestart() throws Exception {
    assertThat(client.pushDescriptor(SOURCE.descriptor()).status()).isEqualTo(200);
    for (int chunk : new int[] {3, 0, 8}) {
      assertThat(client.pushChunk(SOURCE, chunk).status()).isEqualTo(200);
    }
    restart();
    assertThat(client.status(SOURCE.id()).text())
        .isEqualTo(
            "{\"descriptor\":\"ok\",\"version\":1,\"status\":\"partial\",\"chunks\":[1,0,0,1,0,0,0,0,1,0,0]}\n");
    assertThat(client.push(SOURCE, NAME, token())).isEqualTo(8);
    restart();
    assertThat(state.names().image(NAME)).contains(id(SOURCE));
    assertThat(client.status(SOURCE.id()).text()).contains("\"full\"");
    assertThat(download("/download/" + SOURCE.id(), IMAGE.length)).isEqualTo(IMAGE);
  }

  @Test
  void whatWasCompleteWhenTheProcessEndedIsTakenAtTheNextStart() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    for (int chunk = 0; chunk < 10; chunk++) {
      client.pushChunk(SOURCE, chunk);
    }
    end();
    Path upload = data.resolve("uploads").resolve(SOURCE.id());
    byte[] image = Files.readAllBytes(upload.resolve("image"));
    System.arraycopy(IMAGE, 1_000_000, image, 1_000_000, image.length - 1_000_000);
    Files.write(upload.resolve("image"), image);
    Files.write(upload.resolve("chunks"), new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    start();
    await().until(() -> store.image(id(SOURCE)).isPresent());
    await().until(() -> client.status(SOURCE.id()).text().contains("full"));
  }

  @Test
  void aFolderThatIsNoUploadAnyMoreIsForgotten() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    end();
    Path upload = data.resolve("uploads").resolve(SOURCE.id());
    Files.delete(upload.resolve("image"));
    Files.createDirectory(data.resolve("uploads").resolve("something-else"));
    start();
    assertThat(upload).doesNotExist();
    assertThat(data.resolve("uploads").resolve("something-else")).exists();
    assertThat(client.status(SOURCE.id()).status()).isEqualTo(404);
  }

  @Test
  void aTagMovesToTheImageThatIsPushedNext() throws Exception {
    client.push(SOURCE, NAME, token());
    Source next = new Source(TestGvmi.random(50_000, 8), 10_000);
    client.push(next, NAME, token());
    assertThat(state.names().image(NAME)).contains(id(next));
    assertThat(state.isTagged(id(SOURCE))).as("it may be evicted").isFalse();
  }

  // ---- bytes that are not right ----

  @Test
  void aChunkThatIsNotWhatTheDescriptorSaysDoesNotCount() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    byte[] wrong = SOURCE.chunk(1);
    wrong[5] ^= 1;
    assertThat(client.pushChunk(SOURCE.fields(1), wrong).status()).isEqualTo(422);
    assertThat(client.pushChunk(SOURCE.fields(1), new byte[99_999]).text()).contains("99999 bytes");
    assertThat(client.pushChunk(SOURCE.fields(1), new byte[100_001]).status()).isEqualTo(400);
    assertThat(client.pushChunk(SOURCE.fields(1), SOURCE.chunk(2)).status()).isEqualTo(422);
    assertThat(client.status(SOURCE.id()).text()).contains("[0,0,0,0,0,0,0,0,0,0,0]");
    assertThat(client.push(SOURCE, NAME, token())).isEqualTo(11);
  }

  @Test
  void aWrongChunkDoesNoHarmToTheRightOneBeforeIt() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    client.pushChunk(SOURCE, 1);
    assertThat(client.pushChunk(SOURCE.fields(1), new byte[100_000]).status()).isEqualTo(200);
    assertThat(client.push(SOURCE, NAME, token())).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({
    "chunk-no, 11",
    "chunk-no, 1000",
    "chunk-no, -1",
    "chunk-no, 99999999999999999999",
    "chunk-pos, 100001",
    "chunk-len, 99999",
    "chunk-sha256, 00",
    "descr-sha256, ../../../etc"
  })
  void aChunkMustSayWhatTheDescriptorSays(String field, String value) throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    Map<String, String> fields = new HashMap<>(SOURCE.fields(1));
    fields.put(field, value);
    assertThat(client.pushChunk(fields, SOURCE.chunk(1)).status()).isEqualTo(400);
    fields.remove(field);
    assertThat(client.pushChunk(fields, SOURCE.chunk(1)).status()).isEqualTo(400);
    assertThat(client.status(SOURCE.id()).text()).contains("[0,0,0,0,0,0,0,0,0,0,0]");
  }

  @Test
  void aChunkOfAnUnknownDescriptorIsNotTaken() throws Exception {
    Answer answer = client.pushChunk(SOURCE, 0);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).contains("push the descriptor");
    assertThat(data.resolve("uploads")).doesNotExist();
  }

  @Test
  void anImageThatIsNotWhatItsDescriptorSaysIsRefusedAndCanBePushedAgain() throws Exception {
    Source lie = new Source(IMAGE, 100_000, GvmkitClient.digest("SHA3-224", new byte[1]));
    assertThatThrownBy(() -> client.push(lie, NAME, token()))
        .hasMessageContaining("422")
        .hasMessageContaining("its SHA3 is " + SOURCE.sha3());
    assertThat(store.images()).isEmpty();
    assertThat(data.resolve("uploads")).isEmptyDirectory();
    assertThat(client.status(lie.id()).text())
        .contains("\"descriptor\":\"refused\"")
        .contains("\"status\":\"refused: its SHA3 is");
    assertThat(client.pushDescriptor(lie.descriptor()).status()).isEqualTo(200);
    assertThat(client.status(lie.id()).text()).contains("\"partial\"");
  }

  @Test
  void whatTheRuntimeCouldNotRunIsRefused() throws Exception {
    Source noImage = new Source(new byte[5000], 1000);
    assertThatThrownBy(() -> client.push(noImage, NAME, token())).hasMessageContaining("422");
    assertThat(store.images()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 51, 83})
  void aDescriptorThatIsNoneIsRefused(int length) throws Exception {
    Answer answer = client.pushDescriptor(new byte[length]);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).startsWith("the descriptor is not taken: ").hasLineCount(1);
  }

  @Test
  void anEmptyImageIsRefused() throws Exception {
    assertThat(client.pushDescriptor(new Source(new byte[0], 1000).descriptor()).text())
        .contains("an image has bytes");
  }

  @Test
  void aDescriptorLongerThanAnyIsTooLarge() throws Exception {
    assertThat(client.pushDescriptor(new byte[32_053]).status()).isEqualTo(400);
    assertThat(client.pushDescriptor(new byte[2_000_000]).status()).isEqualTo(400);
    try (RawHttp http = new RawHttp(address)) {
      http.send("POST", "/v1/image/push/descr", "Content-Length: 200000");
      assertThat(http.head().status()).isEqualTo(413);
    }
  }

  // ---- room ----

  @Test
  void whatHasNoRoomIsRefusedBeforeAByteIsTaken() throws Exception {
    restart(RegistryConfig.DEFAULT, RegistryLimits.DEFAULT, Space.of(() -> IMAGE.length));
    Answer answer = client.pushDescriptor(SOURCE.descriptor());
    assertThat(answer.status()).isEqualTo(507);
    assertThat(answer.text()).contains("there is no room for the image");
    assertThat(data.resolve("uploads")).doesNotExist();
  }

  private static RegistryLimits limits(int uploads, int tags) {
    RegistryLimits usual = RegistryLimits.DEFAULT;
    return new RegistryLimits(
        usual.chunks(),
        usual.chunkBytes(),
        uploads,
        usual.formBytes(),
        usual.fieldBytes(),
        usual.fields(),
        tags,
        2,
        usual.refusals(),
        1,
        usual.questions(),
        usual.answers(),
        usual.patience(),
        usual.provenFor(),
        usual.knownFor(),
        usual.unknownFor(),
        usual.staleFor());
  }

  @Test
  void oneUploadMoreThanTheLimitIsRefused() throws Exception {
    restart(RegistryConfig.DEFAULT, limits(2, 2), Space.of(() -> Long.MAX_VALUE));
    for (int i = 0; i < 2; i++) {
      Source some = new Source(TestGvmi.random(1000, i), 100);
      assertThat(client.pushDescriptor(some.descriptor()).status()).isEqualTo(200);
    }
    assertThat(client.pushDescriptor(SOURCE.descriptor()).status()).isEqualTo(503);
  }

  @Test
  void anUploadThatNobodyGoesOnWithIsTakenAway() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    client.pushChunk(SOURCE, 0);
    Uploads uploads =
        new Uploads(
            state,
            store,
            new dev.gvmi.node.publish.Publisher(
                store, new dev.gvmi.protocol.sha3.ScalarSegmentHasher(), Space.of(() -> 0)),
            Space.of(() -> 0),
            RegistryLimits.DEFAULT,
            clock);
    clock.advance(Duration.ofHours(24));
    uploads.sweep(Duration.ofHours(24));
    assertThat(state.uploads()).hasSize(1);
    clock.advance(Duration.ofMillis(1));
    uploads.sweep(Duration.ofHours(24));
    assertThat(state.uploads()).isEmpty();
    assertThat(data.resolve("uploads")).isEmptyDirectory();
    assertThat(client.status(SOURCE.id()).status()).isEqualTo(404);
  }

  @Test
  void oneTagMoreThanTheLimitIsRefused() throws Exception {
    restart(RegistryConfig.DEFAULT, limits(2, 2), Space.of(() -> Long.MAX_VALUE));
    client.push(SOURCE, "a/b:1", token());
    client.push(SOURCE, "a/b:2", token());
    client.push(SOURCE, "a/b:2", token());
    assertThatThrownBy(() -> client.push(SOURCE, "a/b:3", token())).hasMessageContaining("507");
  }

  @Test
  void whatHasComeOfAnUploadTakesRoom() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    client.pushChunk(SOURCE, 0);
    client.pushChunk(SOURCE, 10);
    assertThat(state.uploadedBytes())
        .containsOnly(Map.entry(id(SOURCE), 100_000L + IMAGE.length - 1_000_000));
  }

  // ---- rights ----

  @Test
  void theTokenIsMadeOnceAndForItsOwnerOnly() throws Exception {
    String token = token();
    assertThat(token).matches("[0-9a-f]{64}");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("push-token"))))
        .isEqualTo("rw-------");
    restart();
    assertThat(token()).isEqualTo(token);
  }

  @Test
  void aTagNeedsTheTokenAlways() throws Exception {
    client.push(SOURCE, NAME, token());
    for (String wrong : List.of("", "x", token() + "x", token().substring(1))) {
      Answer answer = client.attach(SOURCE.id(), "user/other:1", wrong, false);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.text()).contains("token is wrong").doesNotContain(token());
      assertThat(client.login(wrong).status()).isEqualTo(401);
    }
    assertThat(state.names().image("user/other:1")).isEmpty();
  }

  @Test
  void aTrialOfATagSaysWhetherItCanBeAndChangesNothing() throws Exception {
    assertThat(client.attach(SOURCE.id(), NAME, token(), true).status()).isEqualTo(404);
    client.pushDescriptor(SOURCE.descriptor());
    assertThat(client.attach(SOURCE.id(), NAME, token(), true).status()).isEqualTo(200);
    assertThat(client.attach(SOURCE.id(), NAME, token(), false).status()).isEqualTo(409);
    assertThat(client.attach(SOURCE.id(), NAME, "wrong", true).status()).isEqualTo(401);
    assertThat(state.names().image(NAME)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b/c:d", "a/c:d\n", "é/b:c", "%2e/b:c"})
  void aTagHasAForm(String name) throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    assertThat(client.attach(SOURCE.id(), name, token(), true).status()).isEqualTo(400);
  }

  @Test
  void pushesOfThoseWhoMayNotAreRefusedWithoutTheirBytes() throws Exception {
    String[] proxied = {"X-Forwarded-For", "198.51.100.7"};
    assertThat(client.pushDescriptor(SOURCE.descriptor(), proxied).status()).isEqualTo(401);
    assertThat(client.login(token()).status()).isEqualTo(200);
    assertThat(client.pushDescriptor(SOURCE.descriptor(), proxied).status())
        .as("the address is the proxy's, and everybody's")
        .isEqualTo(401);
    String[] bearer = {"X-Forwarded-For", "198.51.100.7", "Authorization", "Bearer " + token()};
    assertThat(client.pushDescriptor(SOURCE.descriptor(), bearer).status()).isEqualTo(200);
    try (RawHttp http = new RawHttp(address)) {
      http.send(
          "POST",
          "/v1/image/push/chunk",
          "Via: 1.1 proxy",
          "Content-Type: multipart/form-data; boundary=b",
          "Content-Length: 50000000",
          "Expect: 100-continue");
      RawHttp.Head head = http.head();
      assertThat(head.status()).as("not 100").isEqualTo(401);
      assertThat(head.headers()).containsEntry("connection", "close");
    }
  }

  @Test
  void withoutPushingAllOfItIsForbidden() throws Exception {
    restart(
        new RegistryConfig(null, false, null, Duration.ofHours(24)),
        RegistryLimits.DEFAULT,
        Space.of(() -> Long.MAX_VALUE));
    for (Answer answer :
        List.of(
            client.login("x"),
            client.pushDescriptor(SOURCE.descriptor()),
            client.pushChunk(SOURCE, 0),
            client.attach(SOURCE.id(), NAME, "x", true))) {
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).contains("gateway.push");
    }
    assertThat(client.status(SOURCE.id()).text()).isEqualTo("{\"descriptor\":\"not found\"}\n");
  }

  @Test
  void theTokenMayBeTheUsersOwn() throws Exception {
    Path file = Files.writeString(temp.resolve("my-token"), "correct-horse-battery\n");
    restart(
        new RegistryConfig(null, true, file, Duration.ofHours(24)),
        RegistryLimits.DEFAULT,
        Space.of(() -> Long.MAX_VALUE));
    client.push(SOURCE, NAME, "correct-horse-battery");
    Files.writeString(file, "short");
    assertThatThrownBy(() ->
            restart(
                new RegistryConfig(null, true, file, Duration.ofHours(24)),
                RegistryLimits.DEFAULT,
                Space.of(() -> Long.MAX_VALUE)))
        .hasMessageContaining("16 to 256");
  }

  @Test
  void anAddressMayPushForAnHourAfterItsTokenWasRight() throws Exception {
    PushRights rights = new PushRights(PushToken.inDataDir(data), limits(1, 1), clock);
    Caller far = new Caller(java.net.InetAddress.ofLiteral("198.51.100.7"), false, false, null);
    assertThatThrownBy(() -> rights.requireMayPush(far)).hasMessageContaining("log in");
    assertThat(rights.prove(far, token())).isTrue();
    rights.requireMayPush(far);
    clock.advance(Duration.ofHours(1));
    assertThatThrownBy(() -> rights.requireMayPush(far)).isInstanceOf(RefusedException.class);
    rights.prove(far, token());
    Caller other = new Caller(java.net.InetAddress.ofLiteral("198.51.100.8"), false, false, null);
    rights.prove(other, token());
    assertThat(rights.isProven(other)).isTrue();
    assertThat(rights.isProven(far)).as("one more than the limit").isFalse();
  }

  @Test
  void aPublicNameInTheHostHeaderIsAnswered() throws Exception {
    restart(
        new RegistryConfig(
            OriginUrl.parse("http://images.example.net:7438"), true, null, Duration.ofHours(24)),
        RegistryLimits.DEFAULT,
        Space.of(() -> Long.MAX_VALUE));
    try (RawHttp http = new RawHttp(address)) {
      http.write(
          "GET /health/live HTTP/1.1\r\nHost: images.example.net\r\n\r\n"
              + "POST /v1/image/push/descr HTTP/1.1\r\nHost: images.example.net\r\nContent-Length: 0\r\n\r\n");
      RawHttp.Head live = http.head();
      assertThat(live.status()).isEqualTo(200);
      http.text(live);
      assertThat(http.head().status()).as("it is not asked by this machine").isEqualTo(401);
    }
  }

  // ---- HTTP ----

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/image/push/descr, POST",
    "PUT, /v1/image/push/chunk, POST",
    "HEAD, /auth/pat/login, POST",
    "GET, /v1/image/descr/attach/b639c844bb6903edbe9be3c8b2c7699ad5da1444d5123465c4062ba08f82b6b1, POST",
    "POST, /v1/image/info, 'GET, HEAD'",
    "POST, /v1/image/descr/b639c844bb6903edbe9be3c8b2c7699ad5da1444d5123465c4062ba08f82b6b1, 'GET, HEAD'",
    "DELETE, /download/b639c844bb6903edbe9be3c8b2c7699ad5da1444d5123465c4062ba08f82b6b1, 'GET, HEAD'",
    "POST, /image/0e29f5b488a5b4a85681fe8e7a6a15479993505f3929f525b9a9ef35, 'GET, HEAD'"
  })
  void otherMethodsAreNotAllowed(String method, String path, String allowed) throws IOException {
    try (RawHttp http = new RawHttp(address).send(method, path, "Content-Length: 0")) {
      RawHttp.Head head = http.head();
      assertThat(head.status()).isEqualTo(405);
      assertThat(head.headers()).containsEntry("allow", allowed);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/image/descr/xyz",
        "/v1/image/descr/",
        "/download/",
        "/download/..",
        "/v1/image/descr/attach/1"
      })
  void thereIsNothingAtPathsLikeThese(String path) throws IOException {
    try (RawHttp http = new RawHttp(address).send("GET", path)) {
      assertThat(http.head().status()).isEqualTo(404);
    }
  }

  @Test
  void pagesOfTheWebPushNothing() throws Exception {
    assertThat(client.pushDescriptor(SOURCE.descriptor(), "Origin", "http://evil.example").status())
        .isEqualTo(403);
  }

  private static byte[] chunkForm(int number) throws IOException {
    return GvmkitClient.encoded(SOURCE.fields(number), SOURCE.chunk(number));
  }

  private RawHttp beginChunk(int number, String... more) throws IOException {
    String[] headers = java.util.Arrays.copyOf(more, more.length + 2);
    headers[more.length] = "Content-Type: multipart/form-data; boundary=c0ffee-c0ffee";
    headers[more.length + 1] = "Content-Length: " + chunkForm(number).length;
    return new RawHttp(address).send("POST", "/v1/image/push/chunk", headers);
  }

  @Test
  void whoAsksFirstIsToldToGoOn() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    try (RawHttp http = beginChunk(2, "Expect: 100-continue")) {
      assertThat(http.head().status()).isEqualTo(100);
      http.write(new String(chunkForm(2), StandardCharsets.ISO_8859_1));
      assertThat(http.head().status()).isEqualTo(200);
    }
    assertThat(client.status(SOURCE.id()).text()).contains("[0,0,1,0,");
  }

  @Test
  void whoGoesAwayWithinAChunkCostsNothing() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    String form = new String(chunkForm(2), StandardCharsets.ISO_8859_1);
    try (RawHttp http = beginChunk(2)) {
      http.write(form.substring(0, 60_000));
      await().until(() -> state.uploadedBytes().containsValue(100_000L));
      assertThat(client.pushChunk(SOURCE, 2).status()).as("two of one").isEqualTo(409);
    }
    await().until(() -> state.uploadedBytes().containsValue(0L));
    assertThat(client.push(SOURCE, NAME, token())).isEqualTo(11);
  }

  @Test
  void oneConnectionTakesManyRequestsAlsoBeforeTheirAnswers() throws Exception {
    client.pushDescriptor(SOURCE.descriptor());
    try (RawHttp http = beginChunk(4)) {
      http.write(new String(chunkForm(4), StandardCharsets.ISO_8859_1));
      http.send("GET", "/v1/image/descr/" + SOURCE.id());
      RawHttp.Head pushed = http.head();
      assertThat(pushed.status()).isEqualTo(200);
      http.text(pushed);
      assertThat(http.text(http.head())).contains("[0,0,0,0,1,0,");
    }
  }
}
