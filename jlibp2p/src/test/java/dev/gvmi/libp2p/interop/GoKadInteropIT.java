package dev.gvmi.libp2p.interop;

import java.nio.file.Path;

/**
 * The DHT of go-libp2p-kad-dht and ours. Skipped, with the reason, where the Go peer is not built.
 */
final class GoKadInteropIT extends KadInteropContract {
  @Override
  void assumeInstalled() {
    GoPeer.assumeBuilt();
  }

  @Override
  RemotePeer start(Path log, String mode) throws Exception {
    return GoPeer.start(GoPeer.assumeBuilt(), log, "noise,tls", "/ip4/127.0.0.1/tcp/0", mode);
  }
}
