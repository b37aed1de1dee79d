package dev.gvmi.libp2p.multiformats;

import java.util.Optional;

/**
 * The parts an address can be made of, with their codes. Source: multiformats, multiaddr
 * protocols.csv.
 */
public enum Protocol {
  IP4("ip4", 4, 4),
  TCP("tcp", 6, 2),
  IP6("ip6", 41, 16),
  IP6ZONE("ip6zone", 42, Protocol.VARIABLE),
  IPCIDR("ipcidr", 43, 1),
  DNS("dns", 53, Protocol.VARIABLE),
  DNS4("dns4", 54, Protocol.VARIABLE),
  DNS6("dns6", 55, Protocol.VARIABLE),
  DNSADDR("dnsaddr", 56, Protocol.VARIABLE),
  UDP("udp", 273, 2),
  WEBRTC_DIRECT("webrtc-direct", 280, 0),
  WEBRTC("webrtc", 281, 0),
  P2P_CIRCUIT("p2p-circuit", 290, 0),
  UNIX("unix", 400, Protocol.VARIABLE),
  P2P("p2p", 421, Protocol.VARIABLE),
  TLS("tls", 448, 0),
  SNI("sni", 449, Protocol.VARIABLE),
  NOISE("noise", 454, 0),
  QUIC("quic", 460, 0),
  QUIC_V1("quic-v1", 461, 0),
  WEBTRANSPORT("webtransport", 465, 0),
  CERTHASH("certhash", 466, Protocol.VARIABLE),
  WS("ws", 477, 0),
  WSS("wss", 478, 0),
  HTTP("http", 480, 0),
  MEMORY("memory", 777, Protocol.VARIABLE);

  static final int VARIABLE = -1;

  private final String text;
  private final int code;
  private final int valueBytes;

  Protocol(String text, int code, int valueBytes) {
    this.text = text;
    this.code = code;
    this.valueBytes = valueBytes;
  }

  public String text() {
    return text;
  }

  public int code() {
    return code;
  }

  /** Bytes of the value, or {@link #VARIABLE}. */
  int valueBytes() {
    return valueBytes;
  }

  static Optional<Protocol> ofText(String text) {
    String name = text.equals("ipfs") ? "p2p" : text;
    for (Protocol protocol : values()) {
      if (protocol.text.equals(name)) {
        return Optional.of(protocol);
      }
    }
    return Optional.empty();
  }

  static Optional<Protocol> ofCode(long code) {
    for (Protocol protocol : values()) {
      if (protocol.code == code) {
        return Optional.of(protocol);
      }
    }
    return Optional.empty();
  }
}
