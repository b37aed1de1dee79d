package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import dev.gvmi.node.control.NodeService.VerifyResult;
import dev.gvmi.node.control.ServiceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description =
        "Read held images again, check every chunk and the full SHA3, and repair from peers.")
final class VerifyCommand implements NodeCommand {
  @Parameters(
      paramLabel = "IMAGE",
      arity = "0..*",
      converter = ImageConverter.class,
      description = "Hash, sha3:<hash>, task package or CID. Default: all.")
  private List<String> images = List.of();

  @Option(names = "--all", description = "All complete images, as without any IMAGE.")
  private boolean all;

  @Mixin private PeersOption peers = new PeersOption();
  @Mixin private NetworkOption network = new NetworkOption();
  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Override
  public Outcome run(CommandContext context) {
    if (all && !images.isEmpty()) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "--all and an IMAGE exclude each other: give one of them");
    }
    peers.check();
    var config =
        context
            .placing(List.of(), runtimeCache.directories(context, false))
            .with(network.config(context));
    List<VerifyResult> results = new ArrayList<>();
    try (NodeService node = context.nodes().open(config)) {
      for (String image : images.isEmpty() ? node.auditable() : images) {
        VerifyRequest request =
            new VerifyRequest(image, peers.addresses(context), runtimeCache.request());
        VerifyResult result = node.verify(request, context.output()::progress);
        context.output().verified(result);
        results.add(result);
      }
      if (images.isEmpty()) {
        node.list().stream()
            .filter(image -> !image.complete() && notOf(results, image))
            .forEach(image ->
                context.output().note("not verified, as it is not complete: " + image.image()));
      }
    }
    context.output().verifiedAll(results);
    return results.stream()
        .map(VerifyResult::outcome)
        .filter(outcome -> outcome != Outcome.COMPLETE)
        .findFirst()
        .orElse(Outcome.COMPLETE);
  }

  /** One that was just found damaged was told already. */
  private static boolean notOf(List<VerifyResult> results, ImageSummary image) {
    return results.stream().noneMatch(result -> result.image().equals(image.image()));
  }
}
