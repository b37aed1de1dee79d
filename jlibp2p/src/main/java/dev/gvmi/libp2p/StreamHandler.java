package dev.gvmi.libp2p;

import java.io.IOException;

/**
 * Serves one inbound stream. Runs on a virtual thread of its own; when it returns the stream is
 * closed, when it throws the stream is reset.
 */
@FunctionalInterface
public interface StreamHandler {
  void handle(Stream stream) throws IOException, InterruptedException;
}
