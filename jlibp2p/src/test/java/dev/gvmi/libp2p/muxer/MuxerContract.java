package dev.gvmi.libp2p.muxer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link StreamMuxer} does, over a connection that is not secured. */
public abstract class MuxerContract extends ConnectionContract {
  private final MemoryNetwork network = new MemoryNetwork();

  /** The muxer of one host, for at most that many streams of a connection. */
  protected abstract StreamMuxer muxer(int maxStreams);

  @Override
  protected void connect(Side dialler, Side listener) throws Exception {
    Consumer<Channel> accept = c -> attach(listener, muxer(MOST_OF_LISTENER), c, false);
    Multiaddr address = network.transport().listen(Multiaddr.parse("/memory/0"), accept);
    Transport from = network.transport();
    from.dial(address, LIMIT)
        .thenAccept(channel -> attach(dialler, muxer(MOST_OF_DIALLER), channel, true))
        .get(20, TimeUnit.SECONDS);
  }

  private static void attach(Side side, StreamMuxer muxer, Channel channel, boolean initiator) {
    side.attached.complete(muxer.attach(channel, initiator, side.accepted::add));
    channel.config().setAutoRead(true);
  }

  @Override
  protected void lose() {
    network.close();
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void oneStreamOverTheLimitOfThePeerIsReset() throws Exception {
    for (int i = 0; i < MOST_OF_LISTENER; i++) {
      write(dialler.open(), bytes(1, i));
    }
    ByteStream over = dialler.open();
    assertThatThrownBy(() -> read(over, 1)).isInstanceOf(StreamResetException.class);
    for (int i = 0; i < MOST_OF_LISTENER; i++) {
      assertThat(read(listener.accept(), 1)).isEqualTo(bytes(1, i));
    }
    assertThat(listener.accepted).isEmpty();
    assertThat(dialler.connection().streamCount()).isEqualTo(MOST_OF_LISTENER);
  }
}
