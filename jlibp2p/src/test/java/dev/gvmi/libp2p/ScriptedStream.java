package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A stream to a peer that has said all it will say; keeps what is written. */
public final class ScriptedStream implements Stream {
  private final ByteBuffer input;
  private final int mostPerRead;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private boolean ended;

  private ScriptedStream(byte[] input, int mostPerRead) {
    this.input = ByteBuffer.wrap(input);
    this.mostPerRead = mostPerRead;
  }

  public static ScriptedStream of(byte[] input) {
    return new ScriptedStream(input, Integer.MAX_VALUE);
  }

  /** Each read gives one byte. */
  public static ScriptedStream byteByByte(byte[] input) {
    return new ScriptedStream(input, 1);
  }

  public byte[] written() {
    return output.toByteArray();
  }

  /** Whether {@link #closeWrite} was called. */
  public boolean isEnded() {
    return ended;
  }

  @Override
  public int read(ByteBuffer target) {
    if (!input.hasRemaining()) {
      return -1;
    }
    int count = Math.min(Math.min(input.remaining(), target.remaining()), mostPerRead);
    target.put(input.slice(input.position(), count));
    input.position(input.position() + count);
    return count;
  }

  @Override
  public void write(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    output.writeBytes(bytes);
  }

  @Override
  public void flush() {}

  @Override
  public void timeout(Duration timeout) {}

  @Override
  public void closeWrite() {
    ended = true;
  }

  @Override
  public void reset(long code) {
    ended = true;
  }

  @Override
  public void close() {
    ended = true;
  }

  @Override
  public PeerId remotePeer() {
    throw new UnsupportedOperationException("a script has no peer");
  }

  @Override
  public Multiaddr remoteAddress() {
    return Multiaddr.parse("/ip4/192.0.2.9/tcp/4001");
  }

  @Override
  public ProtocolId protocol() {
    return new ProtocolId("/script/1.0.0");
  }
}
