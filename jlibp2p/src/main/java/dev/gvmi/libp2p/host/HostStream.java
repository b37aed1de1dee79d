package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.negotiate.NegotiatedStream;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** A negotiated stream together with whom it leads to. */
final class HostStream implements Stream {
  private final NegotiatedStream stream;
  private final Connection connection;
  private final ProtocolId protocol;
  private final AtomicBoolean open = new AtomicBoolean(true);

  HostStream(NegotiatedStream stream, Connection connection) {
    this.stream = stream;
    this.connection = connection;
    this.protocol = new ProtocolId(stream.protocol());
    connection.streamOpened();
  }

  @Override
  public PeerId remotePeer() {
    return connection.peer();
  }

  @Override
  public Multiaddr remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public ProtocolId protocol() {
    return protocol;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return stream.read(target);
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    stream.write(source);
  }

  @Override
  public void write(int bytes, Filler filler) throws IOException {
    stream.write(bytes, filler);
  }

  @Override
  public void flush() throws IOException {
    stream.flush();
  }

  @Override
  public void timeout(Duration timeout) {
    stream.timeout(timeout);
  }

  @Override
  public void closeWrite() throws IOException {
    stream.closeWrite();
  }

  @Override
  public void reset(long code) {
    over();
    stream.reset(code);
  }

  @Override
  public void close() {
    over();
    stream.close();
  }

  private void over() {
    if (open.compareAndSet(true, false)) {
      connection.streamClosed();
    }
  }

  @Override
  public String toString() {
    return protocol + " with " + connection.peer().toShortString();
  }
}
