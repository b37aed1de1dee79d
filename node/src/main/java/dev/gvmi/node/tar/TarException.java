package dev.gvmi.node.tar;

import java.io.IOException;

/** A stream is no tar that can be read; the message says why in one line. */
public final class TarException extends IOException {
  private static final long serialVersionUID = 1L;

  public TarException(String message) {
    super(message);
  }
}
