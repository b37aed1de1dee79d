package dev.gvmi.libp2p.mdns.dns;

/**
 * What a message may hold.
 *
 * @param messageBytes as a datagram; RFC 6762 section 17 has 9,000 with the headers of IP and UDP
 * @param questions in one message
 * @param records in one message, of all three sections
 * @param labels in a name; names of IPv6 addresses have 34
 */
public record DnsLimits(int messageBytes, int questions, int records, int labels) {
  public static final DnsLimits DEFAULT = new DnsLimits(9000, 64, 512, 40);

  public DnsLimits {
    if (messageBytes < 512 || Math.min(questions, Math.min(records, labels)) < 1) {
      throw new IllegalArgumentException(
          "a message of "
              + messageBytes
              + " bytes, "
              + questions
              + " questions, "
              + records
              + " records");
    }
  }
}
