package dev.gvmi.node.discovery;

/** How a peer was found. */
public enum FoundBy {
  /** The user named it. */
  NAMED("named"),
  /** It connected to us, or we were connected already. */
  CONNECTED("connected"),
  /** It announced the image over a connection. */
  ANNOUNCED("announced"),
  LAN("lan"),
  DHT("dht"),
  /** Another holder told of it. */
  SWARM("swarm"),
  /** It served us before. */
  REMEMBERED("remembered"),
  /** A node to start with. */
  BOOTSTRAP("bootstrap");

  private final String text;

  FoundBy(String text) {
    this.text = text;
  }

  /** As users and programs read it. */
  public String text() {
    return text;
  }
}
