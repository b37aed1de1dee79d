package dev.gvmi.libp2p.framing;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Varint;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Messages with their length in front: unsigned varint, then that many bytes.
 *
 * <p><b>Thread:</b> the stream's reader or writer.
 */
public final class LengthPrefixed {
  private LengthPrefixed() {}

  /**
   * Reads one message. Nothing is allocated before its length is known to be within {@code
   * maxBytes}.
   *
   * @throws ProtocolException if it is longer, or the length is malformed
   * @throws EOFException if the stream ends before the message does
   */
  public static byte[] read(ByteStream stream, int maxBytes) throws IOException {
    int length = readLength(stream, maxBytes);
    ByteBuffer message = ByteBuffer.allocate(length);
    readFully(stream, message);
    return message.array();
  }

  /** Writes one message and its length in one write, and flushes. */
  public static void write(ByteStream stream, byte[] message) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(Varint.size(message.length) + message.length);
    Varint.put(message.length, frame);
    stream.write(frame.put(message).flip());
    stream.flush();
  }

  /** Fills {@code target}; {@link EOFException} if the stream ends before that. */
  public static void readFully(ByteStream stream, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (stream.read(target) < 0) {
        throw new EOFException("stream ended " + target.remaining() + " bytes early");
      }
    }
  }

  private static int readLength(ByteStream stream, int maxBytes) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    long length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      readFully(stream, one.clear());
      int b = one.get(0);
      length |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return checked(length, maxBytes);
      }
    }
    throw new ProtocolException("length prefix longer than 5 bytes");
  }

  private static int checked(long length, int maxBytes) throws ProtocolException {
    if (length > maxBytes) {
      throw new ProtocolException("message of " + length + " bytes, at most " + maxBytes);
    }
    return (int) length;
  }
}
