package dev.gvmi.libp2p.mdns.dns;

import java.util.HexFormat;
import java.util.List;

/** Messages as js-libp2p sends them, and as we do. */
final class DnsSamples {
  static final DnsName SERVICE = DnsName.of("_p2p._udp.local");
  static final DnsName INSTANCE = SERVICE.child("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6");
  static final String TEXT =
      "dnsaddr=/ip4/10.77.0.2/tcp/4001/p2p/12D3KooWQVVr3Y43RWW3AGv615YnXywe8BEbLMwJeaRbHMNoJHXG";

  /** By the npm package dns-packet 5.6.1, which multicast-dns 7.2.5 writes with. */
  static final byte[] JS_QUERY =
      hex("000000000001000000000000045f703270045f756470056c6f63616c00000c0001");

  /** By the same. */
  static final byte[] JS_RESPONSE =
      hex(
          "000084000000000200000000045f703270045f756470056c6f63616c00000c0001000000780032206131623263"
              + "336434653566366737683869396a306b316c326d336e346f357036045f703270045f756470056c6f63616c"
              + "00206131623263336434653566366737683869396a306b316c326d336e346f357036045f703270045f7564"
              + "70056c6f63616c000010000100000078005958646e73616464723d2f6970342f31302e37372e302e322f74"
              + "63702f343030312f7032702f313244334b6f6f57515656723359343352575733414776363135596e587977"
              + "65384245624c4d774a65615262484d4e6f4a485847");

  static final DnsMessage QUERY =
      DnsMessage.query(new DnsQuestion(SERVICE, DnsRecord.PTR, false), List.of());
  static final DnsMessage RESPONSE =
      DnsMessage.response(
          List.of(
              new DnsRecord.Ptr(SERVICE, 120, INSTANCE),
              new DnsRecord.Txt(INSTANCE, 120, List.of(TEXT))),
          List.of());

  private DnsSamples() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
