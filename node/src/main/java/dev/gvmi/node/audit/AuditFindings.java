package dev.gvmi.node.audit;

import dev.gvmi.protocol.verify.VerifiedImage;
import java.util.BitSet;

/** What the bytes of an image's file are. */
public sealed interface AuditFindings {
  /** All of them are right: every chunk, and the full SHA3. */
  record Sound(VerifiedImage proof) implements AuditFindings {}

  /**
   * Some are not, or cannot be read.
   *
   * @param goodChunks a copy goes in and out; empty if there is no manifest to tell them by
   * @param damagedChunks how many are not good
   */
  record Damaged(BitSet goodChunks, int damagedChunks) implements AuditFindings {
    public Damaged {
      goodChunks = (BitSet) goodChunks.clone();
    }

    @Override
    public BitSet goodChunks() {
      return (BitSet) goodChunks.clone();
    }
  }
}
