package dev.gvmi.node.discovery;

/** A search that goes on until it is closed. <b>Thread:</b> any. */
public interface HolderSearch extends AutoCloseable {
  /** A search that is over from the start. */
  HolderSearch OVER =
      new HolderSearch() {
        @Override
        public boolean lookedEverywhere() {
          return true;
        }

        @Override
        public void close() {}
      };

  /**
   * Whether every place was looked at once: who was not found by then is not likely to be there.
   */
  boolean lookedEverywhere();

  /** Somebody was found in another way, and is about to be dialled. */
  default void note(Candidate candidate) {}

  @Override
  void close();
}
