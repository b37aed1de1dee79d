package dev.gvmi.cli.command;

import dev.gvmi.cli.output.DemoResult;
import dev.gvmi.cli.output.Output;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.PublishRequest;
import dev.gvmi.node.control.NodeService.PublishResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * The demonstration: an image, two daemons as processes of their own, a publish on one, a prefetch
 * on the other, and the SHA3 of what arrived computed a second time with nothing but the JDK.
 */
final class Demo {
  private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(10);

  private final CommandContext context;
  private final Output output;
  private final Path folder;
  private final boolean kept;

  Demo(CommandContext context, Path folder, boolean kept) {
    this.context = context;
    this.output = context.output();
    this.folder = folder;
    this.kept = kept;
  }

  DemoResult run() throws IOException, InterruptedException {
    DemoImage image = DemoImage.make(folder, context.environment());
    output.step(1, "made an image: " + image.description());
    Path cache = Files.createDirectory(folder.resolve("runtime-cache"));
    try (DemoDaemon a = DemoDaemon.start(context.mainClass(), folder, "a");
        DemoDaemon b = DemoDaemon.start(context.mainClass(), folder, "b")) {
      output.step(2, "started node A: process " + a.pid() + ", peer " + a.peerId());
      output.step(3, "started node B: process " + b.pid() + ", peer " + b.peerId());
      PublishResult published = publish(a, image);
      output.step(4, "published on A: image " + published.image());
      PrefetchResult fetched = prefetch(b, a, published.image(), cache);
      output.step(5, "prefetched on B, with A as the only peer it was told of:");
      return check(published, fetched);
    }
  }

  private PublishResult publish(DemoDaemon a, DemoImage image) {
    try (NodeService node = open(a)) {
      return node.publish(new PublishRequest(image.file(), null), output::progress);
    }
  }

  private PrefetchResult prefetch(DemoDaemon b, DemoDaemon a, String image, Path cache) {
    PrefetchRequest request =
        new PrefetchRequest(image, a.addresses(), null, FETCH_TIMEOUT, cache.toString());
    try (NodeService node = open(b)) {
      return node.prefetch(request, output::progress);
    }
  }

  private NodeService open(DemoDaemon daemon) {
    String agent = "gvmi-p2p/" + context.version();
    return context.nodes().open(new NodeConfig(daemon.dataDir(), List.of(), null, agent));
  }

  private DemoResult check(PublishResult published, PrefetchResult fetched) throws IOException {
    String placed = fetched.placed();
    if (fetched.outcome() != Outcome.COMPLETE || placed == null) {
      return new DemoResult(fetched, "", false, kept);
    }
    String digest = sha3(Path.of(placed));
    boolean same = digest.equals(published.image()) && digest.equals(fetched.image());
    return new DemoResult(fetched, digest, same, kept);
  }

  private static String sha3(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA3-224");
      byte[] buffer = new byte[1 << 20];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA3-224", e);
    }
  }
}
