package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.origin.NameLookup;
import dev.gvmi.node.origin.OriginConfig;
import dev.gvmi.node.origin.OriginLimits;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.origin.Origins;
import dev.gvmi.node.origin.RawHttpServer;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where images are said to be, with an upstream registry that answers as the test says. */
@Timeout(60)
final class ResolveIT {
  private static final TestImage IMAGE = TestImage.random(10_000, 5);
  private static final String HASH = IMAGE.id().hex();
  private static final String ELSEWHERE =
      "{\"http\":\"http://registry.example/download/"
          + HASH
          + "\",\"https\":\"https://registry.example/download/"
          + HASH
          + "\",\"sha3\":\""
          + HASH
          + "\",\"size\":10000}";

  @TempDir private Path temp;
  private final TestClock clock = new TestClock();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final CountDownLatch patience = new CountDownLatch(1);
  private volatile RawHttpServer.Handler upstream =
      (request, out) -> RawHttpServer.text(out, "404 Not Found", "no such image");
  private RawHttpServer server;
  private ImageStore store;
  private RegistryState state;

  @BeforeEach
  void start() throws IOException {
    server = new RawHttpServer((request, out) -> upstream.answer(request, out));
    open.add(server);
    store = RocksImageStore.open(temp.resolve("data"), new TestClock());
    open.add(store);
  }

  @AfterEach
  void end() throws Exception {
    patience.countDown();
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private RegistryFace face(@Nullable String publicUrl, boolean withUpstream) {
    return face(publicUrl, withUpstream, RegistryLimits.DEFAULT);
  }

  private RegistryFace face(
      @Nullable String publicUrl, boolean withUpstream, RegistryLimits limits) {
    OriginUrl url = withUpstream ? OriginUrl.parse(server.url("/")) : null;
    Origins origins =
        new Origins(new OriginConfig(url, true), OriginLimits.DEFAULT, NameLookup.SYSTEM, "test/1");
    open.add(origins);
    RegistryFace.Parts parts =
        TestRegistry.parts(
            temp.resolve("data"),
            store,
            Space.of(() -> Long.MAX_VALUE),
            clock,
            origins.registry().orElse(null),
            limits);
    state = parts.state();
    OriginUrl ours = publicUrl == null ? null : OriginUrl.parse(publicUrl);
    RegistryFace face =
        RegistryFace.start(
            parts, new RegistryConfig(ours, true, null, Duration.ofHours(24)), limits);
    open.add(face);
    return face;
  }

  private static RawHttpServer.Handler says(String json) {
    return (request, out) -> RawHttpServer.text(out, "200 OK", json);
  }

  private static Reply ok(String json) {
    return new Reply(200, true, json + "\n");
  }

  @Test
  void whatTheUpstreamKnowsIsHandedOn() throws Exception {
    upstream = says(ELSEWHERE);
    RegistryFace face = face(null, true);
    assertThat(face.info("count=true&tag=golem/node:20-alpine")).isEqualTo(ok(ELSEWHERE));
    assertThat(server.requests().getFirst().target())
        .isEqualTo("/v1/image/info?tag=golem%2Fnode%3A20-alpine&count=true");
    assertThat(face.info("hash=" + HASH + "&dev=true")).isEqualTo(ok(ELSEWHERE));
    assertThat(face.download("tag=golem/node:20-alpine"))
        .isEqualTo(new RegistryFace.Download.Of(IMAGE.id()));
  }

  @Test
  void aUrlOfOneSchemeStandsForBoth() throws Exception {
    upstream = says("{\"http\":\"http://a.example/x\",\"sha3\":\"" + HASH + "\"}");
    assertThat(face(null, true).info("tag=a/b:c"))
        .isEqualTo(
            ok(
                "{\"http\":\"http://a.example/x\",\"https\":\"http://a.example/x\",\"sha3\":\""
                    + HASH
                    + "\",\"size\":null}"));
  }

  @Test
  void anImageOfThisNodeIsAtTheUpstreamIfThatHasItElseAtThePublicAddress() throws Exception {
    IMAGE.into(store);
    String ours = "http://images.example.net:7438/golem/download/" + HASH;
    RegistryFace face = face("http://images.example.net:7438/golem/", true);
    state.names().tag("user/repo:1", IMAGE.id());
    Reply here =
        ok(
            "{\"http\":\""
                + ours
                + "\",\"https\":\""
                + ours
                + "\",\"sha3\":\""
                + HASH
                + "\",\"size\":10000}");
    assertThat(face.info("tag=user/repo:1")).isEqualTo(here);
    assertThat(face.info("hash=" + HASH)).isEqualTo(here);
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().getFirst().target()).contains("hash=" + HASH);

    upstream = says(ELSEWHERE);
    clock.advance(Duration.ofSeconds(10));
    assertThat(face.info("tag=user/repo:1")).isEqualTo(ok(ELSEWHERE));
  }

  @Test
  void thereIsNoUrlThatProvidersCannotReach() throws Exception {
    IMAGE.into(store);
    for (RegistryFace face : List.of(face(null, true), face(null, false))) {
      Reply reply = face.info("hash=" + HASH);
      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.text()).contains("no provider could reach it").hasLineCount(1);
    }
  }

  @Test
  void aTagWhoseImageWentIsAtTheUpstreamOrNowhere() throws Exception {
    RegistryFace face = face("http://images.example.net", true);
    state.names().tag("user/repo:1", IMAGE.id());
    assertThat(face.info("tag=user/repo:1").status()).isEqualTo(404);
    upstream = says(ELSEWHERE);
    clock.advance(Duration.ofSeconds(10));
    assertThat(face.info("tag=user/repo:1")).isEqualTo(ok(ELSEWHERE));
  }

  @Test
  void whatIsUnknownEverywhereIs404WithTheReasonInOneLine() throws Exception {
    assertThat(face(null, true).info("tag=a/b:c").text())
        .isEqualTo("tag a/b:c is known neither here nor at registry " + server.url("/") + "\n");
    Reply alone = face(null, false).info("tag=a/b:c");
    assertThat(alone.status()).isEqualTo(404);
    assertThat(alone.text()).contains("no registry to ask");
    assertThat(face(null, true).info("").status()).isEqualTo(400);
  }

  @Test
  void answersAreRememberedForAWhile() throws Exception {
    RegistryFace face = face(null, true);
    face.info("tag=a/b:c");
    face.info("tag=a/b:c");
    assertThat(server.requests()).hasSize(1);
    clock.advance(Duration.ofSeconds(10));
    upstream = says(ELSEWHERE);
    assertThat(face.info("tag=a/b:c").status()).isEqualTo(200);
    clock.advance(Duration.ofSeconds(59));
    assertThat(face.info("tag=a/b:c").status()).isEqualTo(200);
    assertThat(server.requests()).hasSize(2);
    clock.advance(Duration.ofSeconds(1));
    face.info("tag=a/b:c");
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void anOldAnswerIsBetterThanNone() throws Exception {
    upstream = says(ELSEWHERE);
    RegistryFace face = face(null, true);
    face.info("tag=a/b:c");
    upstream = (request, out) -> RawHttpServer.text(out, "503 Service Unavailable", "");
    clock.advance(Duration.ofHours(23));
    assertThat(face.info("tag=a/b:c")).isEqualTo(ok(ELSEWHERE));
    clock.advance(Duration.ofHours(1));
    Reply none = face.info("tag=a/b:c");
    assertThat(none.status()).isEqualTo(504);
    assertThat(none.text()).contains("cannot be asked: it answers with status 503");
  }

  @Test
  void whatTheUpstreamDoesNotHaveAnyMoreIsUnknown() throws Exception {
    upstream = says(ELSEWHERE);
    RegistryFace face = face(null, true);
    face.info("tag=a/b:c");
    upstream = (request, out) -> RawHttpServer.text(out, "404 Not Found", "");
    clock.advance(Duration.ofMinutes(1));
    assertThat(face.info("tag=a/b:c").status()).isEqualTo(404);
  }

  private static RegistryLimits impatient() {
    RegistryLimits usual = RegistryLimits.DEFAULT;
    return new RegistryLimits(
        usual.chunks(),
        usual.chunkBytes(),
        usual.uploads(),
        usual.formBytes(),
        usual.fieldBytes(),
        usual.fields(),
        usual.tags(),
        usual.descriptors(),
        usual.refusals(),
        usual.provenClients(),
        1,
        1,
        Duration.ofMillis(200),
        usual.provenFor(),
        usual.knownFor(),
        usual.unknownFor(),
        usual.staleFor());
  }

  @Test
  void theUpstreamIsWaitedForNoLongerThanAClientHasPatience() throws Exception {
    upstream =
        (request, out) -> {
          try {
            patience.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    RegistryFace face = face(null, true, impatient());
    assertThat(face.info("tag=a/b:c").text()).contains("it did not answer in time");
    assertThat(face.info("tag=a/b:d").text()).contains("too much is being asked of it");
    assertThat(face.info("tag=a/b:c").text()).contains("it did not answer in time");
    assertThat(server.requests()).as("one question for all who ask").hasSize(1);
    assertThat(face.download("tag=a/b:c"))
        .isInstanceOfSatisfying(
            RegistryFace.Download.None.class, none -> assertThat(none.passes()).isTrue());
  }

  @Test
  void thoseWhoAskTogetherShareAQuestion() throws Exception {
    upstream =
        (request, out) -> {
          try {
            patience.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          RawHttpServer.text(out, "200 OK", ELSEWHERE);
        };
    RegistryFace face = face(null, true);
    List<CompletableFuture<Reply>> asked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      asked.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return face.info("tag=a/b:c");
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofVirtual().start(task)));
    }
    await().until(() -> !server.requests().isEmpty());
    patience.countDown();
    for (CompletableFuture<Reply> each : asked) {
      assertThat(each.get()).isEqualTo(ok(ELSEWHERE));
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void asManyAnswersAreRememberedAsTheLimitSays() throws Exception {
    RegistryFace face = face(null, true, impatient());
    face.info("tag=a/b:1");
    face.info("tag=a/b:2");
    face.info("tag=a/b:2");
    face.info("tag=a/b:1");
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void anUpstreamThatTalksNonsenseIsSilent() throws Exception {
    upstream = says("{\"http\":\"file:///etc/passwd\",\"sha3\":\"" + HASH + "\"}");
    assertThat(face(null, true).info("tag=a/b:c").status()).isEqualTo(504);
  }
}
