package dev.gvmi.cli.command;

import dev.gvmi.cli.output.Output;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.Settings;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command runs in.
 *
 * @param configFile what the configuration file says; none for commands that read it themselves
 * @param mainClass the class that a process of its own is started with
 */
public record CommandContext(
    Output output,
    Nodes nodes,
    Path dataDir,
    ConfigFile configFile,
    Map<String, String> environment,
    String version,
    String mainClass) {
  Settings settings() {
    return configFile.settings();
  }

  /** A node that places images in all of these. */
  NodeConfig placing(List<Multiaddr> listen, List<Path> runtimeCaches) {
    return runtimeCaches.isEmpty()
        ? config(listen, null)
        : config(listen, runtimeCaches.getFirst())
            .withMoreCaches(runtimeCaches.subList(1, runtimeCaches.size()));
  }

  NodeConfig config(List<Multiaddr> listen, @Nullable Path runtimeCache) {
    return new NodeConfig(dataDir, listen, runtimeCache, "gvmi-p2p/" + version)
        .with(new ResourceOptions().limits(this));
  }

  /** A node that listens on nothing if it has to run in this process. */
  NodeService openNode() {
    return nodes.open(config(List.of(), null));
  }

  /**
   * The daemon, or a publisher that seeds, that holds the data directory.
   *
   * @param tried what it is wanted for, for the failure if there is none
   */
  NodeService openDaemon(String tried) {
    if (Files.exists(dataDir.resolve("control.json"))) {
      NodeService node = openNode();
      if (node.status().daemon()) {
        return node;
      }
      node.close();
    }
    throw new ServiceException(
        ServiceException.Kind.UNREACHABLE,
        "cannot " + tried + ": no daemon holds " + dataDir + "; start one, or name its --data-dir");
  }
}
