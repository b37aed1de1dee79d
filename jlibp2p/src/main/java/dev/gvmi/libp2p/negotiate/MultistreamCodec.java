package dev.gvmi.libp2p.negotiate;

import dev.gvmi.libp2p.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of multistream-select 1.0. Pure.
 *
 * <p><b>Shape:</b> unsigned varint length, UTF-8 text, newline; the length counts the newline.
 *
 * <p><b>Source:</b> multiformats, multistream-select.
 */
final class MultistreamCodec {
  static final String HEADER = "/multistream/1.0.0";
  static final String REFUSAL = "na";

  /** No message is longer, its newline included, as in other implementations. */
  static final int MAX_MESSAGE_BYTES = 1024;

  /** How often a dialler may propose before the listener gives up. */
  static final int MAX_PROPOSALS = 32;

  private MultistreamCodec() {}

  static byte[] encode(String... messages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String message : messages) {
      byte[] text = (message + "\n").getBytes(StandardCharsets.UTF_8);
      out.writeBytes(Varint.encode(text.length));
      out.writeBytes(text);
    }
    return out.toByteArray();
  }

  /**
   * The next message, or null when {@code in} does not hold a whole one yet (its position is then
   * unchanged).
   *
   * @throws ProtocolException if it is too long, empty or has no newline at its end
   */
  static @Nullable String decode(ByteBuffer in) throws ProtocolException {
    int start = in.position();
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      if (!in.hasRemaining()) {
        in.position(start);
        return null;
      }
      int b = in.get();
      length |= (b & 0x7f) << shift;
      if (length > MAX_MESSAGE_BYTES || shift > 7) {
        throw new ProtocolException("multistream message longer than " + MAX_MESSAGE_BYTES);
      }
      if (b >= 0) {
        break;
      }
    }
    if (length == 0) {
      throw new ProtocolException("empty multistream message");
    }
    if (in.remaining() < length) {
      in.position(start);
      return null;
    }
    byte[] text = new byte[length];
    in.get(text);
    if (text[length - 1] != '\n') {
      throw new ProtocolException("multistream message without a newline at its end");
    }
    return new String(text, 0, length - 1, StandardCharsets.UTF_8);
  }

  /** The dialler's side as a state machine. */
  static final class Dialer {
    private final List<String> protocols;
    private int proposed;
    private boolean headerSeen;

    Dialer(List<String> protocols) {
      this.protocols = List.copyOf(protocols);
    }

    byte[] opening() {
      return encode(HEADER, protocols.getFirst());
    }

    /** What the peer's message leads to: a protocol, another proposal, or neither yet. */
    Step on(String message) throws ProtocolException {
      if (!headerSeen) {
        if (!message.equals(HEADER)) {
          throw new ProtocolException(
              "expected " + HEADER + ", got \"" + printable(message) + "\"");
        }
        headerSeen = true;
        return Step.NONE;
      }
      if (message.equals(protocols.get(proposed))) {
        return new Step(null, message);
      }
      if (!message.equals(REFUSAL)) {
        throw new ProtocolException("answer to a proposal is \"" + printable(message) + "\"");
      }
      proposed++;
      if (proposed == protocols.size()) {
        throw new UnsupportedProtocolException("the peer speaks none of " + protocols);
      }
      return new Step(encode(protocols.get(proposed)), null);
    }
  }

  /** The listener's side as a state machine. */
  static final class Listener {
    private final java.util.function.Predicate<String> supported;
    private int proposals;
    private boolean headerSeen;

    Listener(java.util.function.Predicate<String> supported) {
      this.supported = supported;
    }

    Step on(String message) throws ProtocolException {
      if (!headerSeen) {
        if (!message.equals(HEADER)) {
          throw new ProtocolException(
              "expected " + HEADER + ", got \"" + printable(message) + "\"");
        }
        headerSeen = true;
        return new Step(encode(HEADER), null);
      }
      if (++proposals > MAX_PROPOSALS) {
        throw new ProtocolException("more than " + MAX_PROPOSALS + " proposals");
      }
      return supported.test(message)
          ? new Step(encode(message), message)
          : new Step(encode(REFUSAL), null);
    }
  }

  /** What to send, if anything, and the protocol that is agreed on, if any. */
  @SuppressWarnings("ArrayRecordComponent") // short-lived, never compared
  record Step(byte @Nullable [] send, @Nullable String agreed) {
    static final Step NONE = new Step(null, null);
  }

  private static String printable(String text) {
    return text.substring(0, Math.min(64, text.length())).replaceAll("[^ -~]", "?");
  }
}
