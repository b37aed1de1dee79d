package dev.gvmi.libp2p.kad;

/** What part a node takes in the DHT. */
public enum KadMode {
  /** Asks, and is in nobody's table. */
  CLIENT,
  /** Keeps records and answers too: for nodes that others can reach. */
  SERVER
}
