package dev.gvmi.node.store;

import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;
import java.util.Optional;

/**
 * The delta indexes of complete images, and where their spans lie. A hint: what is found may be
 * wrong, and whoever copies it checks it.
 *
 * <p><b>Thread:</b> any, but {@link #put}, {@link #putNone} and {@link #tidy} are one thread's;
 * calls block for the disk. <b>Errors:</b> {@link StoreException}.
 */
public interface DeltaStore {
  /** Spans that are looked up at one time at most. */
  int MAX_LOOKUP = 1024;

  /** For a store that keeps none. */
  DeltaStore NONE = new NoDeltas();

  /** Whether no image has any: nothing will be found. Asks the disk nothing. */
  boolean isEmpty();

  /** The delta index of a complete image; empty if none was made yet, or the image has none. */
  Optional<DeltaIndex> index(ImageId image);

  /**
   * Complete images whose delta index was not made yet, or whose spans were entered in part only.
   */
  List<ImageId> missing();

  /**
   * Keeps a delta index beside its image and enters its spans, durably; a process that is killed
   * meanwhile leaves the image {@link #missing}. False, and nothing is left, if the image is not
   * held (any more).
   */
  boolean put(DeltaIndex index);

  /** Notes that the image has no delta index. */
  void putNone(ImageId image);

  /**
   * Where each of these spans lies, in images that are held now; a list of few places for each, in
   * the order asked.
   *
   * @param ids {@link #MAX_LOOKUP} at most
   */
  List<List<SpanPlace>> places(List<SpanId> ids);

  /** Forgets the spans of images that are not held any more. */
  void tidy();
}
