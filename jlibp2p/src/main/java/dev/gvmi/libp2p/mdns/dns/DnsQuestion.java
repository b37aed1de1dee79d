package dev.gvmi.libp2p.mdns.dns;

/**
 * What somebody wants to know, of the Internet class.
 *
 * @param type as in {@link DnsRecord#type}, or {@link #ANY}
 * @param unicast whether the answer may come to the asker alone ("QU")
 */
public record DnsQuestion(DnsName name, int type, boolean unicast) {
  public static final int ANY = 255;

  /** Whether a record of this name and type answers it. */
  public boolean asksFor(DnsName wanted, int wantedType) {
    return (type == wantedType || type == ANY) && name.equals(wanted);
  }
}
