package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.protocol.wire.WireLimits;
import java.io.IOException;
import java.time.Duration;

/** Ids and time limits of the /gvmi/* protocols. */
public final class Protocols {
  public static final ProtocolId MANIFEST = new ProtocolId(WireLimits.MANIFEST_PROTOCOL);
  public static final ProtocolId HAVE = new ProtocolId(WireLimits.HAVE_PROTOCOL);
  public static final ProtocolId CHUNK = new ProtocolId(WireLimits.CHUNK_PROTOCOL);

  /** How long an answer may take, and how long a transfer may stand still. */
  static final Duration STALL = Duration.ofSeconds(10);

  /** How long a stream that nobody uses is kept. */
  static final Duration IDLE = Duration.ofMinutes(5);

  private Protocols() {}

  static byte[] read(Stream stream) throws IOException {
    return LengthPrefixed.read(stream, WireLimits.MAX_MESSAGE_BYTES);
  }

  static void write(Stream stream, byte[] message) throws IOException {
    LengthPrefixed.write(stream, message);
  }
}
