package dev.gvmi.node.build;

import java.io.IOException;

/** The tool that is written to reads no more. */
final class ToolGaveUpException extends IOException {
  private static final long serialVersionUID = 1L;

  ToolGaveUpException(IOException cause) {
    super("the pipe is closed", cause);
  }
}
