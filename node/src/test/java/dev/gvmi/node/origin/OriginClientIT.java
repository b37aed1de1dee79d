package dev.gvmi.node.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.origin.OriginClient.Range;
import dev.gvmi.protocol.image.ImageId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginClientIT {
  private static final byte[] BYTES = new byte[300_000];
  private static final Duration SHORT = Duration.ofMillis(300);

  static {
    new Random(1).nextBytes(BYTES);
  }

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private RawHttpServer server(RawHttpServer.Handler handler) throws IOException {
    return closing(new RawHttpServer(handler));
  }

  private OriginClient client() {
    return client(OriginLimits.DEFAULT, AddressRules.PRIVATE_TOO, NameLookup.SYSTEM);
  }

  private OriginClient client(OriginLimits limits, AddressRules rules, NameLookup lookup) {
    return closing(new OriginClient(limits, rules, lookup, "test/1"));
  }

  private static byte[] all(OriginBody body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[10_000];
    for (int count = body.read(buffer, 10_000); count >= 0; count = body.read(buffer, 10_000)) {
      out.write(buffer, 0, count);
    }
    return out.toByteArray();
  }

  private static byte[] fetch(OriginClient client, String url, Range range) throws IOException {
    try (OriginBody body = client.open(OriginUrl.parse(url), range)) {
      return all(body);
    }
  }

  private static OriginException failure(OriginClient client, String url) {
    try {
      byte[] bytes = fetch(client, url, Range.ALL);
      throw new AssertionError("it gave " + bytes.length + " bytes");
    } catch (OriginException e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readsAnImageAndPartsOfIt() throws IOException {
    RawHttpServer server = server(RawHttpServer.file(BYTES));
    OriginClient client = client();
    try (OriginBody body = client.open(OriginUrl.parse(server.url("/x")), Range.ALL)) {
      assertThat(body.totalBytes()).isEqualTo(BYTES.length);
      assertThat(body.tag()).isEqualTo("\"one\"");
      assertThat(all(body)).isEqualTo(BYTES);
    }
    try (OriginBody body =
        client.open(OriginUrl.parse(server.url("/x")), new Range(1000, 3000, "\"one\""))) {
      assertThat(body.offset()).isEqualTo(1000);
      assertThat(body.totalBytes()).isEqualTo(BYTES.length);
      assertThat(all(body)).isEqualTo(Arrays.copyOfRange(BYTES, 1000, 3000));
    }
    RawHttpServer.Request ranged = server.requests().getLast();
    assertThat(ranged.header("range")).hasValue("bytes=1000-2999");
    assertThat(ranged.header("if-range")).hasValue("\"one\"");
    assertThat(ranged.header("accept-encoding")).hasValue("identity");
    assertThat(ranged.header("cookie")).isEmpty();
  }

  @Test
  void serverWithoutRangesBeginsAtTheStart() throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: " + BYTES.length);
          out.write(BYTES);
        });
    try (OriginBody body =
        client()
            .open(OriginUrl.parse(server.url("/x")), new Range(1000, OriginBody.UNKNOWN, null))) {
      assertThat(body.offset()).isZero();
      assertThat(all(body)).isEqualTo(BYTES);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 0-9/100",
        "bytes 10-30/100",
        "bytes 10-9/100",
        "bytes 10-19/15",
        "bytes x-19/100",
        "",
        "bytes 10-99999999999999999999/100"
      })
  void otherPartThanAskedForIsRefused(String contentRange) throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(
              out, "206 Partial Content", "Content-Length: 10", "Content-Range: " + contentRange);
          out.write(BYTES, 0, 10);
        });
    OriginClient client = client();
    assertThatThrownBy(() -> fetch(client, server.url("/x"), new Range(10, 20, null)))
        .isInstanceOf(OriginException.class)
        .extracting(e -> ((OriginException) e).kind())
        .isEqualTo(OriginException.Kind.LASTING);
  }

  @Test
  void tellsStatusesThatMayPassFromThoseThatLast() throws IOException {
    for (String status : List.of("404 Not Found", "403 Forbidden", "410 Gone", "204 No Content")) {
      RawHttpServer server = server((request, out) -> RawHttpServer.head(out, status));
      OriginException failure = failure(client(), server.url("/x"));
      assertThat(failure.kind()).isEqualTo(OriginException.Kind.LASTING);
      assertThat(failure).hasMessageContaining(status.substring(0, 3));
    }
    for (String status : List.of("500 Error", "503 Busy", "429 Slow", "408 Late")) {
      RawHttpServer server = server((request, out) -> RawHttpServer.text(out, status, "no"));
      assertThat(failure(client(), server.url("/x")).kind())
          .isEqualTo(OriginException.Kind.PASSING);
    }
  }

  @Test
  void followsTenRedirectsAndNoMore() throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          int left = Integer.parseInt(request.target().substring(1));
          if (left == 0) {
            RawHttpServer.text(out, "200 OK", "here");
          } else {
            RawHttpServer.text(out, "302 Found", "", "Location: /" + (left - 1));
          }
        });
    OriginClient client = client();
    assertThat(fetch(client, server.url("/10"), Range.ALL))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("here");
    assertThat(failure(client, server.url("/11"))).hasMessageContaining("more than 10 times");
  }

  @Test
  void followsNoRedirectToAFile() throws IOException {
    RawHttpServer server =
        server((request, out) ->
            RawHttpServer.text(out, "302 Found", "", "Location: file:///etc/passwd"));
    OriginException failure = failure(client(), server.url("/x"));
    assertThat(failure.kind()).isEqualTo(OriginException.Kind.LASTING);
    assertThat(failure).hasMessageContaining("not http or https");
  }

  @Test
  void privateAddressIsNotConnectedTo() throws IOException {
    RawHttpServer server = server(RawHttpServer.file(BYTES));
    OriginClient strict = client(OriginLimits.DEFAULT, AddressRules.PUBLIC_ONLY, NameLookup.SYSTEM);
    for (String host :
        List.of(
            "127.0.0.1",
            "localhost",
            "[::1]",
            "127.1",
            "2130706433",
            "[::ffff:127.0.0.1]",
            "0.0.0.0")) {
      OriginException failure = failure(strict, "http://" + host + ":" + server.port() + "/x");
      assertThat(failure.kind()).as(host).isEqualTo(OriginException.Kind.LASTING);
    }
    assertThat(server.requests()).isEmpty();
  }

  /** A name server of an attacker: each name is where the test says, in turn, the last for ever. */
  private static NameLookup names(String... addresses) {
    AtomicInteger next = new AtomicInteger();
    return host ->
        List.of(
            InetAddress.getByName(
                addresses[Math.min(next.getAndIncrement(), addresses.length - 1)]));
  }

  @Test
  void redirectToAPrivateAddressIsNotFollowed() throws IOException {
    RawHttpServer inner = server(RawHttpServer.file(BYTES));
    RawHttpServer outer =
        server((request, out) ->
            RawHttpServer.text(out, "302 Found", "", "Location: " + inner.url("/secret")));
    // the first server is allowed by a lookup that says so only for its name: see
    // connectsToTheAddressThatWasChecked
    NameLookup lookup =
        host -> {
          if (host.equals("outer.example")) {
            return List.of(InetAddress.getByName("127.0.0.1"));
          }
          throw new UnknownHostException(host);
        };
    OriginClient lenient = client(OriginLimits.DEFAULT, AddressRules.PRIVATE_TOO, lookup);
    assertThat(failure(lenient, "http://outer.example:" + outer.port() + "/x"))
        .hasMessageContaining("no host 127.0.0.1");
    assertThat(outer.requests()).hasSize(1);
    assertThat(inner.requests()).isEmpty();
  }

  @Test
  void aRegistryMayBePrivateButLeadsToNoOtherPrivateHost() throws IOException {
    RawHttpServer inner = server((request, out) -> RawHttpServer.text(out, "200 OK", "{}"));
    RawHttpServer registry =
        server((request, out) ->
            RawHttpServer.text(
                out,
                "302 Found",
                "",
                request.target().startsWith("/v1")
                    ? "Location: /moved"
                    : "Location: http://inner.example:" + inner.port() + "/secret"));
    OriginConfig config = new OriginConfig(OriginUrl.parse(registry.url("/")), false);
    NameLookup lookup = host -> List.of(InetAddress.getByName("127.0.0.1"));
    Origins origins = closing(new Origins(config, OriginLimits.DEFAULT, lookup, "test/1"));
    assertThatThrownBy(
            () -> origins.registry().orElseThrow().resolve(ImageId.parseHex("00".repeat(28))))
        .isInstanceOf(OriginException.class)
        .hasMessageContaining("inner.example is at 127.0.0.1, which is no public address");
    assertThat(registry.requests()).hasSize(2);
    assertThat(inner.requests()).isEmpty();
  }

  @Test
  void nameThatMeansAnotherAddressTheNextTimeGainsNothing() {
    OriginClient strict =
        client(OriginLimits.DEFAULT, AddressRules.PUBLIC_ONLY, names("127.0.0.1", "8.8.8.8"));
    assertThat(failure(strict, "http://rebinding.example:9/x"))
        .hasMessageContaining("no public address");
  }

  @Test
  void connectsToTheAddressThatWasChecked() throws IOException {
    AtomicInteger lookups = new AtomicInteger();
    RawHttpServer server = server(RawHttpServer.file(BYTES));
    NameLookup lookup =
        host -> {
          // whoever asked a second time would be sent elsewhere
          return List.of(
              InetAddress.getByName(lookups.getAndIncrement() == 0 ? "127.0.0.1" : "0.0.0.0"));
        };
    OriginClient client = client(OriginLimits.DEFAULT, AddressRules.PRIVATE_TOO, lookup);
    assertThat(fetch(client, "http://rebinding.example:" + server.port() + "/x", Range.ALL))
        .isEqualTo(BYTES);
    assertThat(lookups).hasValue(1);
    assertThat(failure(client, "http://rebinding.example:" + server.port() + "/x"))
        .hasMessageContaining("no public address");
  }

  @Test
  void userIsToldToItsServerAndNoOther() throws IOException {
    RawHttpServer other = server(RawHttpServer.file(BYTES));
    RawHttpServer first =
        server((request, out) ->
            RawHttpServer.text(
                out,
                "302 Found",
                "",
                "Location: " + (request.target().equals("/x") ? "/y" : other.url("/z"))));
    fetch(client(), "http://me:secret@127.0.0.1:" + first.port() + "/x", Range.ALL);
    assertThat(first.requests())
        .hasSize(2)
        .allMatch(request -> request.header("authorization").isPresent());
    assertThat(other.requests())
        .singleElement()
        .matches(request -> request.header("authorization").isEmpty());
  }

  @Test
  void silentServerIsGivenUp() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    RawHttpServer server = server((request, out) -> awaitEnd(end));
    OriginClient client =
        client(
            OriginLimits.DEFAULT.withPatience(SHORT, Duration.ofSeconds(20)),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    assertThat(failure(client, server.url("/x"))).hasMessageContaining("did not answer in time");
    end.countDown();
  }

  @Test
  void headThatNeverEndsIsGivenUp() throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
          while (true) {
            out.write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
          }
        });
    OriginException failure = failure(client(), server.url("/x"));
    assertThat(failure.kind()).isEqualTo(OriginException.Kind.PASSING);
  }

  @Test
  void bodyThatStandsStillIsGivenUp() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: 100");
          out.write(BYTES, 0, 50);
          out.flush();
          awaitEnd(end);
        });
    OriginClient client =
        client(
            OriginLimits.DEFAULT.withPatience(Duration.ofSeconds(5), SHORT),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    assertThat(failure(client, server.url("/x"))).hasMessageContaining("nothing came for too long");
    end.countDown();
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void bodyWithoutALengthEndsAtTheLimit() throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK");
          while (true) {
            out.write(BYTES);
          }
        });
    OriginClient client =
        client(
            OriginLimits.DEFAULT.withBodyBytes(1_000_000),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    OriginException failure = failure(client, server.url("/x"));
    assertThat(failure.kind()).isEqualTo(OriginException.Kind.TOO_LONG);
    assertThat(failure).hasMessageContaining("more than 1000000 bytes");
  }

  @Test
  void lengthMayBeAtMostTheLimit() throws IOException {
    RawHttpServer server = server(RawHttpServer.file(BYTES));
    OriginClient exact =
        client(
            OriginLimits.DEFAULT.withBodyBytes(BYTES.length),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    assertThat(fetch(exact, server.url("/x"), Range.ALL)).isEqualTo(BYTES);
    OriginClient one =
        client(
            OriginLimits.DEFAULT.withBodyBytes(BYTES.length - 1),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    assertThat(failure(one, server.url("/x"))).hasMessageContaining("announces");
  }

  @Test
  void bodyThatEndsEarlyIsNoEnd() throws IOException {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: 1000");
          out.write(BYTES, 0, 500);
        });
    OriginException failure = failure(client(), server.url("/x"));
    assertThat(failure.kind()).isEqualTo(OriginException.Kind.PASSING);
    assertThat(failure).hasMessageContaining("500");
  }

  @Test
  void whoIsOneTooManyWaitsForAPlace() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    int most = OriginLimits.DEFAULT.connectionsPerOrigin();
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: 1");
          awaitEnd(end);
          out.write(1);
        });
    OriginClient client =
        client(
            OriginLimits.DEFAULT.withPatience(Duration.ofSeconds(5), Duration.ofSeconds(20)),
            AddressRules.PRIVATE_TOO,
            NameLookup.SYSTEM);
    List<FutureTask<byte[]>> all = new ArrayList<>();
    for (int i = 0; i <= most; i++) {
      FutureTask<byte[]> task = new FutureTask<>(() -> fetch(client, server.url("/x"), Range.ALL));
      Thread.ofVirtual().start(task);
      all.add(task);
    }
    await().until(() -> server.requests().size() == most);
    end.countDown();
    for (FutureTask<byte[]> task : all) {
      assertThat(task.get(5, TimeUnit.SECONDS)).containsExactly(1);
    }
    assertThat(server.mostConnections()).isLessThanOrEqualTo(most);
    assertThat(server.requests()).hasSize(most + 1);
  }

  @Test
  void compressedImageIsRefused() throws IOException {
    RawHttpServer server =
        server((request, out) -> RawHttpServer.text(out, "200 OK", "x", "Content-Encoding: gzip"));
    assertThat(failure(client(), server.url("/x"))).hasMessageContaining("encoding");
  }

  @Test
  void smallAnswerMayBeAsLargeAsTheLimitAndNoLarger() throws IOException {
    int most = OriginLimits.DEFAULT.answerBytes();
    RawHttpServer server =
        server((request, out) ->
            RawHttpServer.text(
                out, "200 OK", "x".repeat(request.target().equals("/ok") ? most : most + 1)));
    OriginClient client = client();
    assertThat(client.get(OriginUrl.parse(server.url("/ok")))).hasSize(most);
    assertThatThrownBy(() -> client.get(OriginUrl.parse(server.url("/large"))))
        .isInstanceOf(OriginException.class)
        .hasMessageContaining("more than " + most);
  }
}
