package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PublishRequest;
import dev.gvmi.node.control.NodeService.PublishResult;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.discovery.DiscoveryConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "publish", description = "Import an image, hash it, and seed it.")
final class PublishCommand implements NodeCommand {
  @Parameters(paramLabel = "FILE", description = "The .gvmi file.")
  private Path file = Path.of("");

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The http(s) address that goes into the task package.")
  private @Nullable String url;

  @Option(names = "--seed", description = "Without a daemon: stay and serve until interrupted.")
  private boolean seed;

  @Mixin private NetworkOption network = new NetworkOption();

  @Mixin private ReplicasOption replicas = new ReplicasOption();

  @Override
  public Outcome run(CommandContext context) throws InterruptedException {
    Path image = file.toAbsolutePath().normalize();
    check(image);
    checkUrl(url);
    replicas.check();
    DiscoveryConfig finding = seed ? network.config(context) : DiscoveryConfig.OFF;
    return publish(context, image, url, new Serving(seed, finding, replicas));
  }

  /** What is done once it is imported. */
  record Serving(boolean seed, DiscoveryConfig finding, ReplicasOption replicas) {}

  /**
   * Imports a file that is there; to seed without a daemon it returns when it is interrupted, or
   * when there are enough replicas.
   */
  static Outcome publish(CommandContext context, Path image, @Nullable String url, Serving serving)
      throws InterruptedException {
    boolean seed = serving.seed();
    List<Multiaddr> listen = seed ? new ListenOption().addresses(context) : List.of();
    try (NodeService node =
        context.nodes().open(context.config(listen, null).with(serving.finding()))) {
      var output = context.output();
      PublishResult result = node.publish(new PublishRequest(image, url), output::progress);
      boolean served = seed || node.status().daemon();
      if (!served) {
        output.note("nothing serves it yet: run 'gvmi-p2p daemon', or publish with --seed");
      }
      output.published(result);
      if (serving.replicas().isGiven()) {
        return awaitReplicas(node, served, result.image(), serving.replicas(), context);
      }
      if (!seed || node.status().daemon()) {
        return Outcome.COMPLETE;
      }
      output.ready(node.status());
      untilInterrupted();
    }
    return Outcome.COMPLETE;
  }

  private static Outcome awaitReplicas(
      NodeService node,
      boolean served,
      String image,
      ReplicasOption replicas,
      CommandContext context)
      throws InterruptedException {
    if (!served) {
      throw usage(
          "--replicas waits for others to fetch it, but nothing serves it: run a daemon, or add --seed");
    }
    return replicas.await(node, image, context);
  }

  private static void check(Path image) {
    if (Files.exists(image) && !Files.isRegularFile(image)) {
      throw usage("cannot publish " + image + ": it is no file");
    }
    if (!Files.exists(image)) {
      throw usage("cannot publish " + image + ": there is no such file");
    }
    if (!Files.isReadable(image)) {
      throw usage("cannot publish " + image + ": this user may not read it");
    }
  }

  static void checkUrl(@Nullable String url) {
    if (url != null && !url.startsWith("http://") && !url.startsWith("https://")) {
      throw usage("--url " + url + ": a task package needs an http or https address");
    }
  }

  private static ServiceException usage(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }

  private static void untilInterrupted() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException signal) {
      // the flag stays clear: what follows is an orderly end, which waits for what it closes
      assert !Thread.currentThread().isInterrupted();
    }
  }
}
