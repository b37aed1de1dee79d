package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.PeerId;
import java.util.BitSet;
import java.util.Map;

/** What happened to a fetch. */
public sealed interface Event {
  /**
   * So many chunks may be asked for from now on; before the first of these, as many as there are.
   */
  record Allowance(int chunks) implements Event {}

  /**
   * So many chunks may be asked of this peer from now on; before the first of these, as many as
   * there are.
   */
  record PeerAllowance(PeerId peer, int chunks) implements Event {}

  /** A peer can be asked; what it holds is told by {@link Holds}. */
  record Joined(PeerId peer) implements Event {}

  /** All that a peer holds now, replacing what was known. */
  record Holds(PeerId peer, BitSet chunks) implements Event {
    public Holds {
      chunks = (BitSet) chunks.clone();
    }
  }

  /** A peer holds these chunks, too. */
  record Gained(PeerId peer, BitSet chunks) implements Event {
    public Gained {
      chunks = (BitSet) chunks.clone();
    }
  }

  /** A peer says that it hands these chunks to others, too: they will have them soon. */
  record Handed(PeerId peer, BitSet chunks) implements Event {
    public Handed {
      chunks = (BitSet) chunks.clone();
    }
  }

  /** A peer can no longer be asked; what was asked of it is open again. */
  record Left(PeerId peer) implements Event {}

  /** A chunk came from a peer, was verified and stored. */
  record Stored(PeerId peer, int chunk) implements Event {}

  /** A peer did not deliver a chunk that it was asked for; it is not asked for this one again. */
  record Refused(PeerId peer, int chunk) implements Event {}

  /**
   * A peer has no time for a chunk; it is asked for nothing until so many nanoseconds have passed.
   */
  record Busy(PeerId peer, int chunk, long nanos) implements Event {}

  /**
   * These chunks are being made from what is here: nobody is asked for them until told otherwise.
   */
  record Copying(BitSet chunks) implements Event {
    public Copying {
      chunks = (BitSet) chunks.clone();
    }
  }

  /** A chunk was made from what is here, was verified and stored. */
  record Copied(int chunk) implements Event {}

  /** These chunks are not made from what is here: peers are asked for them. */
  record NotCopied(BitSet chunks) implements Event {
    public NotCopied {
      chunks = (BitSet) chunks.clone();
    }
  }

  /** Somebody waits for this chunk, and then for those behind it; -1: nobody does. */
  record Reading(int chunk) implements Event {}

  /**
   * So many chunks may be under way at all peers, as other fetches run; the limits hold besides.
   */
  record Allowed(int inAll) implements Event {
    public Allowed {
      if (inAll < 1) {
        throw new IllegalArgumentException("nothing may be under way");
      }
    }
  }

  /**
   * Time has passed, a tenth of a second or so: bytes of chunks that each peer has sent since it
   * joined.
   */
  record Tick(Map<PeerId, Long> receivedBytes) implements Event {
    public Tick {
      receivedBytes = Map.copyOf(receivedBytes);
    }
  }
}
