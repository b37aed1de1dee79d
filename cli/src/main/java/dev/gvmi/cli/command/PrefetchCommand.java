package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "prefetch",
    description = "Find, fetch and verify images, and place them in the runtime's cache.")
final class PrefetchCommand implements NodeCommand {
  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      converter = ImageConverter.class,
      description = "Hash, sha3:<hash>, task package or CID.")
  private List<String> images = List.of();

  @Option(
      names = "--peer",
      paramLabel = "MULTIADDR",
      converter = MultiaddrConverter.class,
      description = "A holder to ask, with its /p2p part.")
  private List<Multiaddr> peers = List.of();

  @Option(names = "--to", paramLabel = "FILE", description = "Put a copy there too.")
  private @Nullable Path to;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Give up after this time: 500ms, 30s, 5m, 1h.")
  private @Nullable Duration timeout;

  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Override
  public Outcome run(CommandContext context) {
    check();
    Outcome worst = Outcome.COMPLETE;
    try (NodeService node =
        context.nodes().open(context.config(List.of(), runtimeCache.directory(context.environment())))) {
      for (String image : images) {
        PrefetchResult result = node.prefetch(request(image), context.output()::progress);
        context.output().prefetched(result);
        worst = worst == Outcome.COMPLETE ? result.outcome() : worst;
      }
    }
    return worst;
  }

  private PrefetchRequest request(String image) {
    Path copy = to == null ? null : to.toAbsolutePath().normalize();
    List<String> addresses = peers.stream().map(Multiaddr::toString).toList();
    return new PrefetchRequest(image, addresses, copy, timeout, runtimeCache.request());
  }

  private void check() {
    if (to != null && images.size() > 1) {
      throw usage("--to names one file, but " + images.size() + " images are given");
    }
    for (Multiaddr peer : peers) {
      if (peer.p2p().isEmpty()) {
        throw usage("--peer " + peer + ": add /p2p/<peer id>, as 'gvmi-p2p id' prints it");
      }
    }
  }

  private static ServiceException usage(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }
}
