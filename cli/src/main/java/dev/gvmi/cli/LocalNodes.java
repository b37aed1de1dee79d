package dev.gvmi.cli;

import dev.gvmi.cli.command.Nodes;
import dev.gvmi.node.Node;
import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.NodeServices;
import dev.gvmi.node.control.NodeService;

/** The nodes of this machine: a daemon's, or one in this process. */
final class LocalNodes implements Nodes {
  @Override
  public NodeService open(NodeConfig config) {
    return NodeServices.open(config);
  }

  @Override
  public Daemon daemon(NodeConfig config) {
    return new NodeDaemon(Node.open(config));
  }

  private record NodeDaemon(Node node) implements Daemon {
    @Override
    public NodeService.NodeStatus start() {
      node.startDaemon();
      return node.status();
    }

    @Override
    public void awaitStop() throws InterruptedException {
      node.awaitStop();
    }

    @Override
    public void close() {
      node.close();
    }
  }
}
