package dev.gvmi.libp2p.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerRecord;
import dev.gvmi.libp2p.peer.SignedEnvelope;
import java.time.InstantSource;
import java.util.List;

/**
 * The signed record of this host's addresses: signed anew, with a higher number, when they change.
 * <b>Thread:</b> any.
 */
final class OwnRecord {
  private final HostKey key;
  private final InstantSource clock;

  @GuardedBy("this")
  private PeerRecord record;

  @GuardedBy("this")
  private SignedEnvelope signed;

  OwnRecord(HostKey key, InstantSource clock) {
    this.key = key;
    this.clock = clock;
    this.record = new PeerRecord(key.peerId(), clock.millis(), List.of());
    this.signed = record.sign(key);
  }

  /** The time is the number, so that it grows over restarts too. */
  synchronized SignedEnvelope of(List<Multiaddr> addresses) {
    if (!record.addresses().equals(addresses)) {
      long sequence = Math.max(record.sequence() + 1, clock.millis());
      record = new PeerRecord(key.peerId(), sequence, addresses);
      signed = record.sign(key);
    }
    return signed;
  }
}
