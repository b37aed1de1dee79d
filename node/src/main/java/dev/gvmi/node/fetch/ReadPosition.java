package dev.gvmi.node.fetch;

/**
 * Where somebody reads an image that is being fetched: what comes from there on is fetched first,
 * in order. Asked ten times a second; must not block.
 */
@FunctionalInterface
public interface ReadPosition {
  /** Nobody reads: what is rarest is fetched first. */
  ReadPosition NONE = () -> -1;

  /** The first byte that is not read yet; negative while nobody reads. */
  long bytes();
}
