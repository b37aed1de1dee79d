package dev.gvmi.libp2p.network;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Asks the domain name system. <b>Thread:</b> any; calls block for some seconds at most, and may be
 * interrupted.
 */
public interface AddressResolver extends AutoCloseable {
  /** Addresses of both families. {@link IOException} (one clear line) if there are none. */
  List<InetAddress> addresses(String name) throws IOException;

  /**
   * The texts of the TXT records of a name; {@link IOException} (one clear line) if there are none.
   */
  List<String> texts(String name) throws IOException;

  @Override
  void close();
}
