package dev.gvmi.cli.output;

import dev.gvmi.node.control.NodeService.NodeStatus;
import java.util.List;

/** The addresses of a node as another node takes them: with the peer id at the end. */
public final class Addresses {
  private Addresses() {}

  public static List<String> of(NodeStatus status) {
    return status.addresses().stream()
        .map(a -> a.contains("/p2p/") ? a : a + "/p2p/" + status.peerId())
        .toList();
  }
}
