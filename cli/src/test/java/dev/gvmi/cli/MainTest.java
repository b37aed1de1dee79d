package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.output.Console;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private static final String PREFETCHED =
      "{\"event\":\"result\",\"outcome\":\"complete\",\"image\":\""
          + FakeNode.IMAGE
          + "\",\"manifest\":\""
          + FakeNode.MANIFEST
          + "\",\"bytes\":1000,\"path\":\"/d/i\",\"placed\":\"/c/i\",\"sources\":{\"12D3A\":900,\"local\":100},"
          + "\"wastedBytes\":0,\"elapsedMs\":7}";

  @TempDir Path folder;

  private final FakeNode node = new FakeNode();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of("GVMI_P2P_HOME", folder.toString(), "XDG_CONFIG_HOME", folder.toString());
    return new Main(console, environment, node).run(args);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "prefetch",
        "status extra",
        "find " + "x",
        "-v -q status",
        "prefetch --no-origin x",
        "prefetch --timeout 5 x",
        "prefetch not-an-image!",
        "daemon --http 127.0.0.1",
        "daemon --listen tcp:7437",
        "publish --replicas 2 f",
        "publish /nonexistent/file.gvmi"
      })
  void refusesWhatItDoesNotKnowInOneLine(String line) {
    int code = line.isEmpty() ? run() : run(line.split(" ", -1));

    assertThat(code).isEqualTo(2);
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines()).hasSize(1);
    assertThat(node.config).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETE,0",
    "NOT_FOUND,3",
    "INCOMPLETE,3",
    "VERIFICATION_FAILED,4",
    "NO_SPACE,5",
    "TIMED_OUT,6",
    "NOT_PLACED,8"
  })
  void outcomeOfAPrefetchBecomesTheExitCode(Outcome outcome, int code) {
    node.outcome = outcome;

    assertThat(run("prefetch", FakeNode.IMAGE)).isEqualTo(code);
    assertThat(node.closed).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "INTERNAL,1",
    "USAGE,2",
    "NOT_FOUND,3",
    "VERIFICATION,4",
    "NO_SPACE,5",
    "TIMED_OUT,6",
    "UNREACHABLE,7",
    "NOT_PLACED,8",
    "INTERRUPTED,130"
  })
  void failureIsOneLineAndItsExitCode(ServiceException.Kind kind, int code) {
    node.failWith(kind);

    assertThat(run("list")).isEqualTo(code);
    assertThat(err.toString(UTF_8)).isEqualTo("gvmi-p2p: tried this; do that\n");
  }

  @Test
  void stackTraceOnlyWhenVerbose() {
    node.failure = new IllegalStateException("broken");

    assertThat(run("list")).isEqualTo(1);
    assertThat(err.toString(UTF_8)).doesNotContain("\tat ");
    assertThat(run("-v", "list")).isEqualTo(1);
    assertThat(err.toString(UTF_8)).contains("\tat ");
  }

  @Test
  void prefetchPrintsTheResultLast() {
    run("--json", "prefetch", FakeNode.IMAGE);

    assertThat(out.toString(UTF_8).lines().toList().getLast()).isEqualTo(PREFETCHED);
  }

  @Test
  void prefetchSaysWhyItWasNotPlaced() {
    node.outcome = Outcome.NOT_PLACED;

    run("--json", "prefetch", FakeNode.IMAGE);

    assertThat(out.toString(UTF_8)).contains("\"placed\":null").contains("\"message\":\"no holder");
  }

  @Test
  void prefetchHandsItsOptionsDown() {
    run("prefetch", FakeNode.IMAGE, "--to", "x.gvmi", "--timeout", "5m", "--runtime-cache", "none");

    var request = node.prefetches.getFirst();
    assertThat(request.to()).isEqualTo(Path.of("x.gvmi").toAbsolutePath());
    assertThat(request.timeout()).hasMinutes(5);
    assertThat(request.runtimeCache()).isEqualTo("none");
  }

  @Test
  void copyOfSeveralImagesIsRefused() {
    assertThat(run("prefetch", "--to", "x", FakeNode.IMAGE, FakeNode.IMAGE)).isEqualTo(2);
  }

  @Test
  void publishPrintsTheTaskPackage() throws IOException {
    Path file = Files.writeString(folder.resolve("a.gvmi"), "x");

    assertThat(run("--json", "publish", file.toString(), "--url", "http://h/a.gvmi")).isZero();

    assertThat(out.toString(UTF_8).lines().toList().getLast())
        .startsWith(
            "{\"event\":\"result\",\"image\":\""
                + FakeNode.IMAGE
                + "\",\"manifest\":\""
                + FakeNode.MANIFEST
                + "\",\"bytes\":1000,\"chunks\":1,\"taskPackage\":\"hash:sha3:"
                + FakeNode.IMAGE
                + ":http://h/a.gvmi\"");
    assertThat(out.toString(UTF_8)).contains("nothing serves it yet");
  }

  @Test
  void aSeedSaysWhereItListensAndEndsOrderlyWhenInterrupted() throws IOException {
    Path file = Files.writeString(folder.resolve("a.gvmi"), "x");
    Thread.currentThread().interrupt();
    assertThat(run("--json", "publish", file.toString(), "--seed")).isZero();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(out.toString(UTF_8)).contains("\"event\":\"ready\"");
    assertThat(node.config).isNotNull();
    assertThat(node.config.listen()).isNotEmpty();
    assertThat(node.closed).isTrue();
  }

  @Test
  void withoutADaemonAPublisherIsToldThatNothingServesIt() throws IOException {
    Path file = Files.writeString(folder.resolve("a.gvmi"), "x");
    assertThat(run("publish", file.toString())).isZero();
    assertThat(err.toString(UTF_8)).contains("nothing serves it yet");
  }

  @Test
  void daemonSaysWhereItListens() {
    assertThat(run("--json", "daemon", "--listen", "/ip4/127.0.0.1/tcp/0")).isZero();

    assertThat(out.toString(UTF_8))
        .isEqualTo(
            "{\"event\":\"ready\",\"peerId\":\"12D3A\","
                + "\"addresses\":[\"/ip4/127.0.0.1/tcp/1/p2p/12D3A\"],\"http\":\"127.0.0.1:2\"}\n");
  }

  @Test
  void stopNeedsADaemon() throws IOException {
    assertThat(run("stop")).isEqualTo(7);
    Files.writeString(folder.resolve("control.json"), "{}");
    assertThat(run("stop")).isEqualTo(7);
    node.daemon = true;

    assertThat(run("stop")).isZero();
    assertThat(node.stopAsked).isTrue();
  }

  @Test
  void helpAndVersionAreResults() {
    assertThat(run("--help")).isZero();
    assertThat(run("prefetch", "--help")).isZero();
    assertThat(run("--version")).isZero();
    assertThat(out.toString(UTF_8)).contains("--timeout", "gvmi-p2p ");
    assertThat(err.toString(UTF_8)).isEmpty();
  }
}
