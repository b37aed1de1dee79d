package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;
import java.util.Random;

/** Peers and keys that are the same for the same seed. */
public final class TestPeers {
  private final Random random;
  private int count;

  public TestPeers(long seed) {
    this.random = new Random(seed);
  }

  private Multihash hash() {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return Multihash.of(Multihash.SHA2_256, digest);
  }

  public PeerId id() {
    return PeerId.of(hash());
  }

  public KadKey key() {
    return KadKey.of(hash());
  }

  /** Each in a group of its own. */
  public KadPeer peer() {
    count++;
    return at("/ip4/11." + (count >> 8) + "." + (count & 0xff) + ".1/tcp/4001");
  }

  public KadPeer at(String... addresses) {
    return KadPeer.of(id(), java.util.Arrays.stream(addresses).map(Multiaddr::parse).toList());
  }

  public List<KadPeer> peers(int number) {
    return java.util.stream.Stream.generate(this::peer).limit(number).toList();
  }

  /** A peer whose point shares exactly so many bits with {@code near}. */
  public KadPeer peer(KadId near, int prefix) {
    KadPeer peer = peer();
    while (peer.point().commonPrefix(near) != prefix) {
      peer = KadPeer.of(id(), peer.addresses());
    }
    return peer;
  }

  public static Multiaddr via(KadPeer peer) {
    return peer.addresses().getFirst();
  }
}
