package dev.gvmi.node.fetch;

import dev.gvmi.node.store.StoredImage;
import java.util.Map;

/** How a fetch ended. */
public sealed interface FetchOutcome {
  /**
   * The image is verified and in the store.
   *
   * @param sourceBytes verified bytes by who they came from, in this run; empty if it was here
   *     already
   * @param wastedBytes bytes that came twice or were wrong
   */
  record Complete(StoredImage image, Map<String, Long> sourceBytes, long wastedBytes)
      implements FetchOutcome {
    public Complete {
      sourceBytes = Map.copyOf(sourceBytes);
    }
  }

  /** Nobody that was asked holds it. */
  record NotFound(String reason) implements FetchOutcome {}

  /** Holders left before all had come; what is here is kept and used by the next try. */
  record Incomplete(long missingBytes, String reason) implements FetchOutcome {}

  /** What came does not hash to the image's id; nothing of it is kept. */
  record VerificationFailed(String reason) implements FetchOutcome {}
}
