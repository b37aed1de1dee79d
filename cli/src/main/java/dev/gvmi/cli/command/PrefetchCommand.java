package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Path;
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
      description = "Hash, sha3:<hash>, task package, CID, or user/repo:tag.")
  private List<String> images = List.of();

  @Mixin private PeersOption peers = new PeersOption();

  @Option(names = "--to", paramLabel = "FILE", description = "Put a copy there too.")
  private @Nullable Path to;

  @Option(names = "--no-origin", description = "From peers only, not by HTTP.")
  private boolean noOrigin;

  @Mixin private OriginOption origin = new OriginOption();

  @Mixin private TimeoutOption timeout = new TimeoutOption();

  @Mixin private NetworkOption network = new NetworkOption();

  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Override
  public Outcome run(CommandContext context) {
    check();
    Outcome worst = Outcome.COMPLETE;
    try (NodeService node =
        context
            .nodes()
            .open(
                context
                    .placing(List.of(), runtimeCache.directories(context, false))
                    .with(network.config(context))
                    .with(origin.config(context)))) {
      for (String image : images) {
        PrefetchResult result = node.prefetch(request(image, context), context.output()::progress);
        context.output().prefetched(result);
        worst = worst == Outcome.COMPLETE ? result.outcome() : worst;
      }
    }
    return worst;
  }

  private PrefetchRequest request(String image, CommandContext context) {
    Path copy = to == null ? null : to.toAbsolutePath().normalize();
    return new PrefetchRequest(
        image,
        peers.addresses(context),
        copy,
        timeout.duration(context),
        runtimeCache.request(),
        noOrigin,
        origin.allowPrivate(context));
  }

  private void check() {
    if (to != null && images.size() > 1) {
      throw usage("--to names one file, but " + images.size() + " images are given");
    }
    peers.check();
  }

  private static ServiceException usage(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }
}
