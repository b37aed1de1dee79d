package dev.gvmi.libp2p.interop;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;

/** A js-libp2p peer: the process {@code node peer.mjs}. <b>Thread:</b> any. */
final class JsPeer extends RemotePeer {
  static final String AGENT = "interop-js/1";
  private static final String DIRECTORY_PROPERTY = "interop.js";
  private static final String HOW_TO_RUN =
      "; to run against js-libp2p: npm ci in interop/js, then mvn verify -D"
          + DIRECTORY_PROPERTY
          + "=<absolute path of interop/js>";

  private JsPeer(ProcessBuilder command, Path log) throws Exception {
    super(command, log);
  }

  /** Where the peer is installed; skips the test, and says why, if it is not. */
  static Path assumeInstalled() {
    String property = System.getProperty(DIRECTORY_PROPERTY, "");
    skipUnless(!property.isBlank(), "no property " + DIRECTORY_PROPERTY);
    Path directory = Path.of(property).toAbsolutePath().normalize();
    skipUnless(
        Files.isDirectory(directory.resolve("node_modules")), "no node_modules in " + directory);
    skipUnless(nodeIsOnPath(), "no program \"node\" on the path");
    return directory;
  }

  private static void skipUnless(boolean there, String why) {
    skipUnless(there, "interop with js-libp2p", why + HOW_TO_RUN);
  }

  private static boolean nodeIsOnPath() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Arrays.stream(path.split(Pattern.quote(File.pathSeparator)))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "node")));
  }

  /**
   * Starts the process, whose stderr goes to {@code log}, and waits until it listens.
   *
   * @param encrypters what it proposes and accepts, in its order: {@code noise,tls}
   * @param kad {@code server} or {@code client} of the DHT {@code /gvmi/kad/1.0.0}; empty for
   *     neither
   */
  static JsPeer start(Path directory, Path log, String encrypters, String kad) throws Exception {
    return new JsPeer(
        new ProcessBuilder("node", "peer.mjs", AGENT, encrypters, kad)
            .directory(directory.toFile()),
        log);
  }

  static JsPeer start(Path directory, Path log, String encrypters) throws Exception {
    return start(directory, log, encrypters, "");
  }
}
