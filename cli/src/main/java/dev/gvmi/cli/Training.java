package dev.gvmi.cli;

import dev.gvmi.cli.output.Console;
import dev.gvmi.protocol.image.ImageTrailer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the build runs once for each of two AOT caches, so that Java keeps which classes the program
 * needs and how they hang together (JEP 483, 514 and 515).
 *
 * <p>Argument: {@code node} or {@code client}. For {@code node} two nodes live in this process: one
 * publishes and serves, the other fetches. For {@code client} the node is another process, and this
 * one only asks it: a cache with the classes of a node would take such a command longer to open
 * than it saves.
 */
final class Training {
  private static final long END_MILLIS = 60_000;
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int IMAGE_BLOCKS = 256;
  private static final List<String> DAEMON =
      List.of(
          "daemon",
          "--listen",
          "/ip4/127.0.0.1/tcp/0",
          "--runtime-cache",
          "none",
          "--http",
          "127.0.0.1:0");

  private final Path folder;
  private final PrintStream messages;

  private Training(Path folder, PrintStream messages) {
    this.folder = folder;
    this.messages = messages;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Interruption.arm(Thread.currentThread()).finished(); // as the program does
    Path folder = Files.createTempDirectory("gvmi-p2p-training-");
    int code = 0;
    try {
      Training training = new Training(folder, Console.system().err());
      if (args[0].equals("client")) {
        training.client();
      } else {
        training.node();
      }
    } catch (IllegalStateException e) {
      Console.system().stackTrace(e);
      code = 1;
    } finally {
      delete(folder);
    }
    System.exit(code);
  }

  private void client() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), Main.class.getName()));
    command.addAll(arguments("a", DAEMON));
    Path log = folder.resolve("daemon.log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().putAll(environment());
    Process daemon = builder.start();
    try {
      String ready = firstLine(daemon.getInputStream());
      messages.println(ready);
      questions("a");
      String image = ask("a", "publish", image(1).toString()).path("image").asString("");
      ask("a", "prefetch", image, "--registry", "http://127.0.0.1:9/"); // held: nobody is asked
      text(
          new ByteArrayOutputStream(),
          List.of(
              "--config", "none", "--data-dir", folder.resolve("a").toString(), "prefetch", image));
      ask("a", "verify", image);
      text(new ByteArrayOutputStream(), List.of("--version"));
      ask("a", "stop");
      daemon.waitFor();
    } finally {
      daemon.destroyForcibly();
    }
  }

  private void node() throws IOException, InterruptedException {
    PipedInputStream said = new PipedInputStream();
    OutputStream out = new PipedOutputStream(said);
    Thread daemon =
        Thread.ofPlatform().name("daemon").start(() -> text(out, arguments("a", DAEMON)));
    JsonNode ready = JsonMapper.shared().readTree(firstLine(said));
    String image = ask("a", "publish", image(IMAGE_BLOCKS).toString()).path("image").asString("");
    questions("a");
    Path cache = Files.createDirectory(folder.resolve("cache"));
    String peer = ready.path("addresses").path(0).asString("");
    ask("b", "prefetch", image, "--peer", peer, "--runtime-cache", cache.toString(), "--no-origin");
    ask("b", "verify", image);
    ask("b", "list");
    ask("a", "stop");
    daemon.join(END_MILLIS);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void questions(String node) {
    for (String question : List.of("list", "status", "peers", "limits", "id")) {
      text(
          new ByteArrayOutputStream(),
          List.of("--config", "none", "--data-dir", folder.resolve(node).toString(), question));
      ask(node, question);
    }
  }

  /**
   * Long enough that what moves and verifies bytes is hot: a superblock, random bytes, a trailer.
   */
  private Path image(int blocks) throws IOException {
    ByteBuffer trailer = new ImageTrailer("{}").encode();
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    RandomGenerator random = RandomGenerator.getDefault();
    Path image = folder.resolve("image.gvmi");
    try (FileChannel out =
        FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < blocks; i++) {
        random.nextBytes(block.array());
        if (i == 0) {
          block.putInt(0, 0x73717368).putInt(4, 1).putInt(12, 1 << 17).putShort(20, (short) 1);
          block.putShort(22, (short) 17).putShort(28, (short) 4).putShort(30, (short) 0);
          block.putLong(40, (long) blocks * BLOCK_BYTES);
        }
        out.write(block.clear());
      }
      out.write(trailer);
    }
    return image;
  }

  private static String firstLine(InputStream in) throws IOException {
    // Not closed: the daemon writes to it until it ends.
    String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
    if (line == null) {
      throw new IllegalStateException("the daemon said nothing");
    }
    return line;
  }

  /** The last line that a command says. */
  private JsonNode ask(String node, String... command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text(out, arguments(node, List.of(command)));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    return JsonMapper.shared().readTree(lines.isEmpty() ? "null" : lines.getLast());
  }

  private List<String> arguments(String node, List<String> command) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("--json", "--config", "none", "--data-dir", folder.resolve(node).toString()));
    arguments.addAll(command);
    return arguments;
  }

  private Map<String, String> environment() {
    return Map.of("HOME", folder.toString(), "GVMI_P2P_REGISTRY", "none");
  }

  private void text(OutputStream out, List<String> arguments) {
    Console console =
        new Console(new PrintStream(out, true, StandardCharsets.UTF_8), messages, false);
    int code =
        new Main(console, environment(), new LocalNodes()).run(arguments.toArray(String[]::new));
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + ": exit code " + code);
    }
  }
}
