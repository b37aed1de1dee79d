package dev.gvmi.node.origin;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a host. <b>Thread:</b> any; blocks. */
@FunctionalInterface
public interface NameLookup {
  /** As the machine does it. */
  NameLookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  List<InetAddress> addresses(String host) throws UnknownHostException;
}
