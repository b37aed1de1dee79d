package dev.gvmi.node.oci;

import dev.gvmi.node.tar.TarEntry;
import java.io.IOException;

/** A layer: entries in a fixed order, that can be read more than once. */
public interface EntrySource {
  /** What it is, for messages. */
  String name();

  /** Bytes of it as it is stored; 0 if unknown. */
  long storedBytes();

  /** Hands on each entry, in the same order each time. */
  void read(Visitor visitor) throws IOException;

  /** Takes the entries of a layer. */
  @FunctionalInterface
  interface Visitor {
    void entry(TarEntry entry, Content content) throws IOException;
  }

  /** The bytes of an entry, to be read at most once and only before the next one. */
  @FunctionalInterface
  interface Content {
    /** As {@link java.io.InputStream#read(byte[])}. */
    int read(byte[] buffer) throws IOException;
  }
}
