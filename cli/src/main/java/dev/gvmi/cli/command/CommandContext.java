package dev.gvmi.cli.command;

import dev.gvmi.cli.output.Output;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command runs in.
 *
 * @param mainClass the class that a process of its own is started with
 */
public record CommandContext(
    Output output,
    Nodes nodes,
    Path dataDir,
    Map<String, String> environment,
    String version,
    String mainClass) {
  NodeConfig config(List<Multiaddr> listen, @Nullable Path runtimeCache) {
    return new NodeConfig(dataDir, listen, runtimeCache, "gvmi-p2p/" + version);
  }

  /** A node that listens on nothing if it has to run in this process. */
  NodeService openNode() {
    return nodes.open(config(List.of(), null));
  }
}
