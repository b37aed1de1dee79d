package dev.gvmi.node.fetch;

/** Is told how far a fetch has come. Called by the fetching thread; must not block. */
public interface ProgressSink {
  /** At most ten times a second, and when the phase changes. */
  void progress(FetchProgress progress);

  /** Something worth telling once, in one line. */
  void note(String line);

  /** From now on the image comes in here: once a source is tried, and again for the next. */
  default void arriving(Arriving image) {}

  /**
   * How far.
   *
   * @param doneBytes verified bytes that are here, those of earlier runs included
   */
  record FetchProgress(Phase phase, long doneBytes, long totalBytes, int peers) {}

  /** What is being done. */
  enum Phase {
    FINDING,
    FETCHING,
    VERIFYING
  }
}
