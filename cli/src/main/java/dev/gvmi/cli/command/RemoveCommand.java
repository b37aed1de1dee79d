package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.control.NodeService.RemoveResult;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "remove",
    description =
        "Remove images, complete or not, and what is placed of them in the runtime's cache.")
final class RemoveCommand implements NodeCommand {
  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      converter = ImageConverter.class,
      description = "Hash, sha3:<hash>, task package or CID.")
  private List<String> images = List.of();

  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Override
  public Outcome run(CommandContext context) {
    var config = context.placing(List.of(), runtimeCache.directories(context, false));
    List<RemoveResult> results = new ArrayList<>();
    try (NodeService node = context.nodes().open(config)) {
      for (String image : images) {
        RemoveResult result = node.remove(new RemoveRequest(image, runtimeCache.request()));
        context.output().removed(result);
        results.add(result);
      }
    }
    context.output().removedAll(results);
    return results.stream()
        .map(RemoveResult::outcome)
        .filter(outcome -> outcome != Outcome.COMPLETE)
        .findFirst()
        .orElse(Outcome.COMPLETE);
  }
}
