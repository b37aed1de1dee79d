package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PeerRecord;
import dev.gvmi.node.discovery.Candidate;
import dev.gvmi.node.discovery.FoundBy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What peers tell of other holders of an image, cut down to what may be dialled: anyone can name
 * anyone, so only a few in a minute are tried, two of an IP address in all, each where its own
 * signature says that it is, and nobody from far away sends us about our own network.
 *
 * <p><b>Thread:</b> any; time comes in.
 */
final class SwarmHints {
  static final int MAX_PER_MINUTE = 8;
  static final int MAX_PER_IP = 2;

  /** Records that are looked at, over the whole fetch: each costs a signature's check. */
  static final int MAX_RECORDS = 1024;

  private static final int MAX_ADDRESSES = 8;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Set<PeerId> known = new HashSet<>();
  private final Map<Multiaddr, Integer> perIp = new HashMap<>();
  private final Deque<Instant> taken = new ArrayDeque<>();
  private int records;

  /**
   * Those that may be dialled now. What is over a limit is let go: it is told again by others, or
   * by the same peer when it is asked again.
   */
  synchronized List<Candidate> take(Multiaddr informant, List<byte[]> envelopes, Instant now) {
    AddressScope from = AddressScope.of(informant).orElse(AddressScope.PUBLIC);
    List<Candidate> candidates = new ArrayList<>();
    for (byte[] envelope : envelopes) {
      while (!taken.isEmpty() && !taken.getFirst().plus(MINUTE).isAfter(now)) {
        taken.removeFirst();
      }
      if (taken.size() >= MAX_PER_MINUTE || records >= MAX_RECORDS) {
        return candidates;
      }
      records++;
      candidate(envelope, from)
          .ifPresent(candidate -> {
            known.add(candidate.peer());
            taken.addLast(now);
            candidates.add(candidate);
          });
    }
    return candidates;
  }

  private Optional<Candidate> candidate(byte[] envelope, AddressScope from) {
    PeerRecord record;
    try {
      record = PeerRecord.open(envelope);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (known.contains(record.peer())) {
      return Optional.empty();
    }
    List<Multiaddr> addresses =
        record.addresses().stream()
            .map(Multiaddr::withoutP2p)
            .filter(from::reaches)
            .filter(address -> perIp.getOrDefault(address.firstPart(), 0) < MAX_PER_IP)
            .limit(MAX_ADDRESSES)
            .toList();
    if (addresses.isEmpty()) {
      return Optional.empty();
    }
    addresses.stream()
        .map(Multiaddr::firstPart)
        .distinct()
        .forEach(ip -> perIp.merge(ip, 1, Integer::sum));
    return Optional.of(new Candidate(record.peer(), addresses, FoundBy.SWARM));
  }
}
