package dev.gvmi.cli.command;

import dev.gvmi.node.NodeConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.NodeStatus;

/**
 * Where the commands get their node from. Failures are {@link
 * dev.gvmi.node.control.ServiceException}.
 */
public interface Nodes {
  /** The daemon that holds the data directory, or else the node in this process. */
  NodeService open(NodeConfig config);

  /** A node that is to run as the daemon; not started yet. */
  Daemon daemon(NodeConfig config);

  /** A node in the foreground. */
  interface Daemon extends AutoCloseable {
    /** Listens and answers the control port; the status tells where. */
    NodeStatus start();

    /** Returns when a stop was asked for. */
    void awaitStop() throws InterruptedException;

    @Override
    void close();
  }
}
