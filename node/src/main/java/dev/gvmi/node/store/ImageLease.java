package dev.gvmi.node.store;

/** Keeps an image from being evicted until it is closed, once. <b>Thread:</b> any. */
public interface ImageLease extends AutoCloseable {
  /** One that keeps nothing. */
  ImageLease NONE = () -> {};

  @Override
  void close();
}
