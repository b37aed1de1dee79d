package dev.gvmi.node.runtime.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.node.runtime.rewrite.WrapperScript;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The wrapper in real shells, before a recorder in the place of the exe-unit. */
class WrapperIT {
  private static final String HASH = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final String TASK =
      "hash:sha3:" + HASH + ":http://registry.example/download/abc.gvmi";
  private static final String CHANGED =
      "http://127.0.0.1:7438/fetch/"
          + HASH
          + "/abc.gvmi?origin=http%3A%2F%2Fregistry.example%2Fdownload%2Fabc.gvmi";

  /** Machines are noisy; what it takes on a quiet one is printed. */
  private static final Duration AT_MOST = Duration.ofSeconds(3);

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;
  private Path records;
  private Path hook;
  private Path wrapper;

  /** Shells that a provider's machine may have as sh. */
  enum Shell {
    SH("/bin/sh"),
    DASH("dash"),
    BUSYBOX("busybox", "sh"),
    BASH("bash", "--posix");

    private final List<String> command;

    Shell(String... command) {
      this.command = List.of(command);
    }

    boolean isHere() {
      String program = command.getFirst();
      return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
          .map(folder -> Path.of(folder).resolve(program))
          .anyMatch(Files::isExecutable);
    }
  }

  @BeforeEach
  void install() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data 'dir'"));
    hook = data.resolve("hook");
    records = Files.createDirectory(directory.resolve("records"));
    Path unit = directory.resolve("exe unit");
    Files.writeString(
        unit,
        """
        #!/bin/sh
        R='%s'
        printf '%%s' "$$" >"$R/pid"
        : >"$R/argv"
        last=
        for a in "$@"; do
          printf '%%s\\0' "$a" >>"$R/argv"
          case $a in
            --agreement=*) cp "${a#--agreement=}" "$R/agreement" ;;
            -a?*) f=${a#-a}; cp "${f#=}" "$R/agreement" ;;
          esac
          case $last in -a | --agreement) cp "$a" "$R/agreement" ;; esac
          last=$a
        done 2>/dev/null
        echo out; echo err >&2
        : >"$R/done"
        """
            .formatted(records));
    assertThat(unit.toFile().setExecutable(true)).isTrue();
    wrapper = directory.resolve("wrapper");
    Files.writeString(wrapper, WrapperScript.text(unit.toString(), hook.toString()));
    assertThat(wrapper.toFile().setExecutable(true)).isTrue();
  }

  /** What the recorder saw. */
  private record Seen(
      List<String> arguments, long pid, long started, Duration took, String out, String err) {}

  private Seen run(Shell shell, List<String> arguments) throws Exception {
    return run(shell, arguments, null);
  }

  private Seen run(Shell shell, List<String> arguments, String searchPath) throws Exception {
    List<String> command = new ArrayList<>(shell.command);
    command.add(wrapper.toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(records.resolve("out").toFile())
            .redirectError(records.resolve("err").toFile());
    if (searchPath != null) {
      builder.environment().put("PATH", searchPath);
    }
    long from = System.nanoTime();
    Process process = builder.start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Duration took = Duration.ofNanos(System.nanoTime() - from);
    assertThat(records.resolve("done")).exists();
    String argv = Files.readString(records.resolve("argv"));
    List<String> seen =
        argv.isEmpty()
            ? List.of()
            : Arrays.asList(argv.substring(0, argv.length() - 1).split("\0", -1));
    return new Seen(
        seen,
        Long.parseLong(Files.readString(records.resolve("pid"))),
        process.pid(),
        took,
        Files.readString(records.resolve("out")),
        Files.readString(records.resolve("err")));
  }

  private static void checkProcess(String what, Shell shell, Seen seen) {
    System.out.printf(
        "wrapper, %s, %s: exec and end of the recorder after %d ms%n",
        what, shell, seen.took().toMillis());
    assertThat(seen.pid()).isEqualTo(seen.started());
    assertThat(seen.took()).isLessThan(AT_MOST);
    assertThat(seen.out()).isEqualTo("out\n");
    assertThat(seen.err()).isEqualTo("err\n");
  }

  private Path agreement(String task, String payload) throws Exception {
    Path folder = Files.createDirectories(directory.resolve("work/a \"b\"\n c"));
    ObjectNode root = JSON.createObjectNode();
    root.put("agreementId", "id");
    ObjectNode component =
        root.putObject("demand")
            .putObject("properties")
            .putObject("golem")
            .putObject("srv")
            .putObject("comp");
    component.put("expiration", 1L);
    if (task != null) {
      component.put("task_package", task);
    }
    if (payload != null) {
      component.putObject("payload").put("@tag", payload).put("sig", "x");
    }
    return Files.writeString(
        folder.resolve("agreement.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root));
  }

  private static List<String> arguments(String... agreement) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-b",
                "/opt/-a/ya runtime",
                "--cap-handoff",
                "-r",
                "-a",
                "service-bus",
                "activity 'x'",
                "/local/activity",
                "-c",
                "/ca che",
                "-w",
                "/w\n\n"));
    all.addAll(List.of(agreement));
    all.addAll(List.of("--requestor-pub-key", "0a\"$(false)`\\", "", "*"));
    return all;
  }

  private HookWatcher daemon() throws Exception {
    return HookWatcher.start(
        directory.resolve("data 'dir'"),
        () -> Optional.of(new InetSocketAddress("127.0.0.1", 7438)),
        InstantSource.system());
  }

  private List<String> withCopy(List<String> before, Seen seen, Path agreement) {
    String copy =
        seen.arguments().stream()
            .filter(a -> a.contains(hook.toString()))
            .findFirst()
            .orElseThrow();
    Path file = Path.of(copy.substring(copy.indexOf(hook.toString())));
    assertThat(file).hasParent(hook).isRegularFile();
    return before.stream().map(a -> a.replace(agreement.toString(), file.toString())).toList();
  }

  @ParameterizedTest
  @EnumSource
  void agreementOfATaskPackageIsReplacedAndNothingElse(Shell shell) throws Exception {
    assumeTrue(shell.isHere(), () -> shell + " is not installed");
    Path agreement = agreement(TASK, null);
    try (HookWatcher daemon = daemon()) {
      assertThat(daemon).isNotNull();
      List<String> given = arguments("-a", agreement.toString());
      Seen seen = run(shell, given);
      checkProcess("answered", shell, seen);
      assertThat(seen.arguments()).isEqualTo(withCopy(given, seen, agreement));
    }
    JsonNode copy = JSON.readTree(Files.readAllBytes(records.resolve("agreement")));
    ObjectNode component = (ObjectNode) copy.at("/demand/properties/golem/srv/comp");
    assertThat(component.path("task_package").asString())
        .isEqualTo("hash:sha3:" + HASH + ":" + CHANGED);
    component.put("task_package", TASK);
    assertThat(copy.toString()).isEqualTo(JSON.readTree(Files.readAllBytes(agreement)).toString());
    assertThat(Files.readString(agreement)).contains(TASK);
  }

  @Test
  void agreementOfAManifestIsReplacedAndNothingElse() throws Exception {
    String manifest =
        "{\"version\":\"0.1.0\",\"payload\":[{\"platform\":{\"arch\":\"x86_64\",\"os\":\"linux\"},\"urls\":[\"%s\"],\"hash\":\"sha3:"
            + HASH
            + "\"}]}";
    String url = "http://registry.example/download/abc.gvmi";
    String before =
        Base64.getEncoder()
            .encodeToString(manifest.formatted(url).getBytes(StandardCharsets.UTF_8));
    Path agreement = agreement(null, before);
    try (HookWatcher daemon = daemon()) {
      assertThat(daemon).isNotNull();
      checkProcess("manifest", Shell.SH, run(Shell.SH, arguments("-a", agreement.toString())));
    }
    JsonNode copy = JSON.readTree(Files.readAllBytes(records.resolve("agreement")));
    ObjectNode payload = (ObjectNode) copy.at("/demand/properties/golem/srv/comp/payload");
    String after =
        new String(
            Base64.getDecoder().decode(payload.path("@tag").asString()), StandardCharsets.UTF_8);
    assertThat(after).isEqualTo(manifest.formatted(CHANGED));
    payload.put("@tag", before);
    assertThat(copy.toString()).isEqualTo(JSON.readTree(Files.readAllBytes(agreement)).toString());
  }

  @ParameterizedTest
  @EnumSource
  void allFormsOfTheOptionAreUnderstood(Shell shell) throws Exception {
    assumeTrue(shell.isHere(), () -> shell + " is not installed");
    Path agreement = agreement(TASK, null);
    try (HookWatcher daemon = daemon()) {
      assertThat(daemon).isNotNull();
      for (String[] form :
          new String[][] {
            {"--agreement", "" + agreement},
            {"--agreement=" + agreement},
            {"-a" + agreement},
            {"-a=" + agreement}
          }) {
        List<String> given = arguments(form);
        Seen seen = run(shell, given);
        assertThat(seen.arguments()).isEqualTo(withCopy(given, seen, agreement));
        assertThat(records.resolve("agreement")).content().contains("/fetch/");
        Files.delete(records.resolve("agreement"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void argumentsPassUnchangedWithoutADaemon(Shell shell) throws Exception {
    assumeTrue(shell.isHere(), () -> shell + " is not installed");
    List<String> given = arguments("-a", agreement(TASK, null).toString());
    Seen seen = run(shell, given);
    checkProcess("no daemon", shell, seen);
    assertThat(seen.arguments()).isEqualTo(given);
  }

  /** Killed: what it left says that it answers. Hung is the same to a wrapper. */
  @ParameterizedTest
  @EnumSource
  void argumentsPassUnchangedIfTheDaemonIsDeadOrHung(Shell shell) throws Exception {
    assumeTrue(shell.isHere(), () -> shell + " is not installed");
    Files.createDirectories(hook);
    Files.createFile(hook.resolve("ready"));
    List<String> given = arguments("-a", agreement(TASK, null).toString());
    Seen seen = run(shell, given);
    checkProcess("daemon dead or hung", shell, seen);
    assertThat(seen.took()).isGreaterThan(Duration.ofMillis(600));
    assertThat(seen.arguments()).isEqualTo(given);
    assertThat(hook)
        .isDirectoryNotContaining(file -> String.valueOf(file.getFileName()).contains("request"));
  }

  /** An answer that comes after the wait is not used, and goes nowhere. */
  @Test
  void argumentsPassUnchangedIfTheDaemonIsSlow() throws Exception {
    Files.createDirectories(hook);
    Files.createFile(hook.resolve("ready"));
    HookFolder slow = folder(HookLimits.DEFAULT);
    List<String> given = arguments("-a", agreement(TASK, null).toString());
    Seen seen = run(Shell.SH, given);
    assertThat(slow.answerAll()).isFalse();
    checkProcess("daemon slow", Shell.SH, seen);
    assertThat(seen.arguments()).isEqualTo(given);
  }

  @Test
  void requestThatIsAnsweredWithoutACopyIsNotWaitedFor() throws Exception {
    List<String> given =
        arguments("-a", agreement("hash:sha3:" + HASH + ":gftp://0x0/1", null).toString());
    try (HookWatcher daemon = daemon()) {
      assertThat(daemon).isNotNull();
      Seen seen = run(Shell.SH, given);
      checkProcess("gftp", Shell.SH, seen);
      assertThat(seen.arguments()).isEqualTo(given);
    }
    assertThat(hook).isEmptyDirectory();
  }

  static Stream<List<String>> others() {
    return Stream.of(
        List.of(),
        List.of("test"),
        List.of("-b", "/r", "--cap-handoff", "test"),
        List.of("-b", "service-bus", "offer-template"),
        List.of("--help"),
        List.of("service-bus", "--help", "-a", "@"),
        List.of("service-bus", "x", "y", "-a"),
        List.of("service-bus", "x", "y", "-a", "/no/such/file"),
        List.of("service-bus", "x", "y", "-a", "@", "-a", "@"),
        List.of("service-bus", "x", "y", "--", "-a", "@"),
        List.of("service-bus", "x", "y", "-w", "-a", "@"),
        List.of("from-file", "-a", "@", "script.json"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void otherCommandsPassAtOnce(List<String> command) throws Exception {
    String agreement = agreement(TASK, null).toString();
    Files.createDirectories(hook);
    Files.createFile(hook.resolve("ready"));
    List<String> given = command.stream().map(a -> a.equals("@") ? agreement : a).toList();
    Seen seen = run(Shell.SH, given);
    checkProcess("passed", Shell.SH, seen);
    assertThat(seen.arguments()).isEqualTo(given);
    assertThat(hook).isDirectoryNotContaining(file -> !file.endsWith("ready"));
  }

  @Test
  void sleepWithoutFractionsEndsTheWaitSooner() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Files.writeString(
        bin.resolve("sleep"),
        "#!/bin/sh\ncase $1 in *.*) exit 1 ;; esac\nexec /bin/sleep \"$1\"\n");
    assertThat(bin.resolve("sleep").toFile().setExecutable(true)).isTrue();
    Files.createDirectories(hook);
    Files.createFile(hook.resolve("ready"));
    List<String> given = arguments("-a", agreement(TASK, null).toString());
    Seen seen = run(Shell.SH, given, bin + ":" + System.getenv("PATH"));
    checkProcess("sleep without fractions", Shell.SH, seen);
    assertThat(seen.arguments()).isEqualTo(given);
  }

  @Test
  void argumentsPassUnchangedIfNoProgramIsFoundOrTheFolderIsClosed() throws Exception {
    Files.createDirectories(hook);
    Files.createFile(hook.resolve("ready"));
    List<String> given = arguments("-a", agreement(TASK, null).toString());
    assertThat(run(Shell.SH, given, "/nowhere").arguments()).isEqualTo(given);
    Path elsewhere = directory.resolve("gone");
    Files.move(hook, elsewhere);
    Files.createSymbolicLink(hook, Path.of("/proc/self"));
    assertThat(run(Shell.SH, given).arguments()).isEqualTo(given);
  }

  private HookFolder folder(HookLimits limits) {
    return new HookFolder(
        directory.resolve("data 'dir'"),
        () -> Optional.of("127.0.0.1:1"),
        InstantSource.system(),
        limits);
  }
}
