package dev.gvmi.libp2p.io;

/** What went over a connection, in bytes on the wire. <b>Thread:</b> any. */
public interface Traffic {
  long receivedBytes();

  long sentBytes();
}
