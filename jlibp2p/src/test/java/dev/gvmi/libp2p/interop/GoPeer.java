package dev.gvmi.libp2p.interop;

import java.nio.file.Files;
import java.nio.file.Path;

/** A go-libp2p peer: the program {@code bin/peer} of {@code interop/go}. <b>Thread:</b> any. */
final class GoPeer extends RemotePeer {
  static final String AGENT = "interop-go/1";
  private static final String DIRECTORY_PROPERTY = "interop.go";
  private static final String HOW_TO_RUN =
      "; to run against go-libp2p: go build -o bin/peer ./peer in interop/go, then mvn verify -D"
          + DIRECTORY_PROPERTY
          + "=<absolute path of interop/go>";

  private GoPeer(ProcessBuilder command, Path log) throws Exception {
    super(command, log);
  }

  /** The program; skips the test, and says why, if it is not built. */
  static Path assumeBuilt() {
    String property = System.getProperty(DIRECTORY_PROPERTY, "");
    skipUnless(!property.isBlank(), "no property " + DIRECTORY_PROPERTY);
    Path program = Path.of(property).toAbsolutePath().normalize().resolve("bin/peer");
    skipUnless(Files.isExecutable(program), "no program " + program);
    return program;
  }

  private static void skipUnless(boolean there, String why) {
    skipUnless(there, "interop with go-libp2p", why + HOW_TO_RUN);
  }

  /**
   * Starts the process, whose stderr goes to {@code log}, and waits until it listens.
   *
   * @param security what it proposes and accepts, in its order: {@code noise,tls}
   * @param listen an address
   * @param kad {@code server} or {@code client} of the DHT {@code /gvmi/kad/1.0.0}; empty for
   *     neither
   */
  static GoPeer start(Path program, Path log, String security, String listen, String kad)
      throws Exception {
    return new GoPeer(
        new ProcessBuilder(
            program.toString(),
            "-agent",
            AGENT,
            "-security",
            security,
            "-listen",
            listen,
            "-kad",
            kad),
        log);
  }
}
