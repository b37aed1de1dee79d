package dev.gvmi.libp2p.interop;

import java.nio.file.Path;

/** The DHT of js-libp2p and ours. Skipped, with the reason, where js-libp2p is not installed. */
final class JsKadInteropIT extends KadInteropContract {
  @Override
  void assumeInstalled() {
    JsPeer.assumeInstalled();
  }

  @Override
  RemotePeer start(Path log, String mode) throws Exception {
    return JsPeer.start(JsPeer.assumeInstalled(), log, "noise,tls", mode);
  }
}
