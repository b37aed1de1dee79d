package dev.gvmi.libp2p.mdns.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * A resource record of the Internet class. Times to live are seconds, 0 where the wire has more
 * than 2^31.
 */
public sealed interface DnsRecord {
  int A = 1;
  int PTR = 12;
  int TXT = 16;
  int AAAA = 28;
  int SRV = 33;

  DnsName name();

  int ttlSeconds();

  int type();

  /** There may be others of this name, from others. */
  record Ptr(DnsName name, int ttlSeconds, DnsName target) implements DnsRecord {
    @Override
    public int type() {
      return PTR;
    }
  }

  /**
   * Texts of at most 255 bytes.
   *
   * @param texts bytes as ISO-8859-1 characters
   */
  record Txt(DnsName name, int ttlSeconds, List<String> texts) implements DnsRecord {
    static final int MAX_TEXT_BYTES = 255;

    public Txt {
      texts = List.copyOf(texts);
      if (texts.isEmpty() || texts.stream().anyMatch(text -> text.length() > MAX_TEXT_BYTES)) {
        throw new IllegalArgumentException("it has at least one text, each of 255 bytes at most");
      }
    }

    @Override
    public int type() {
      return TXT;
    }
  }

  record Srv(DnsName name, int ttlSeconds, int port, DnsName target) implements DnsRecord {
    @Override
    public int type() {
      return SRV;
    }
  }

  /** Of type A or AAAA, by its address. */
  record Address(DnsName name, int ttlSeconds, InetAddress address) implements DnsRecord {
    @Override
    public int type() {
      return address.getAddress().length == 4 ? A : AAAA;
    }
  }

  /** What is of no use here: its data is skipped, and it is never sent. */
  record Other(DnsName name, int ttlSeconds, int type) implements DnsRecord {}
}
