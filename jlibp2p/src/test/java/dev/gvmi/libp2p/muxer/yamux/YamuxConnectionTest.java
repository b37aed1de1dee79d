package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The connection as a whole: limits, pings and how it ends. */
final class YamuxConnectionTest {
  private static final int KIB = 1 << 10;

  private HandlerProbe probe = HandlerProbe.listener();

  @AfterEach
  void leavesNothingBehind() {
    probe.leavesNothingBehind();
  }

  private void isClosed(ByteStream stream) {
    assertThat(probe.channel.isOpen()).isFalse();
    assertThatThrownBy(() -> HandlerProbe.read(stream, 1)).isInstanceOf(StreamResetException.class);
    assertThatThrownBy(probe.connection::open).isInstanceOf(IOException.class);
  }

  @Test
  void streamsOverTheLimitAreResetOrRefused() throws IOException {
    probe.accept(1);
    probe.accept(3);
    probe.accept(5);
    ByteStream ours = probe.connection.open();
    assertThat(probe.connection.streamCount()).isEqualTo(4);
    probe.sent();
    probe.receive(Frames.update(FrameHeader.SYN, 7, 0));
    assertThat(probe.headers()).containsExactly(Frames.update(FrameHeader.RST, 7, 0x1002));
    assertThatThrownBy(probe.connection::open).isInstanceOf(IOException.class);
    ours.reset(3);
    assertThat(probe.headers()).containsExactly(Frames.update(FrameHeader.RST, 2, 3));
    assertThat(probe.connection.streamCount()).isEqualTo(3);
    probe.accept(9);
  }

  @Test
  void opensNoMoreWhileThePeerAcknowledgesNone() throws IOException {
    probe = HandlerProbe.started(false, YamuxConfig.DEFAULT);
    for (int i = 0; i < YamuxSession.MAX_UNACKED; i++) {
      probe.connection.open();
    }
    ByteStream refused = probe.connection.open();
    assertThat(probe.sent()).hasSize(YamuxSession.MAX_UNACKED);
    assertThatThrownBy(() -> HandlerProbe.read(refused, 1))
        .isInstanceOf(StreamResetException.class);
    assertThat(probe.connection.streamCount()).isEqualTo(YamuxSession.MAX_UNACKED);
    probe.receive(Frames.update(FrameHeader.ACK, 2, 0));
    probe.connection.open();
    assertThat(probe.headers()).hasSize(1);
  }

  @Test
  void oneByteOverTheWindowEndsTheConnection() {
    ByteStream stream = probe.accept(1);
    probe.receive(Frames.data(0, 1, 256 * KIB + 1));
    assertThat(probe.headers()).containsExactly(Frames.goAway(YamuxSession.GO_AWAY_PROTOCOL));
    isClosed(stream);
  }

  /**
   * One read of the socket can hold several messages of the layer below: they come before the close
   * does.
   */
  @Test
  void nothingIsTakenAfterAProtocolError() {
    ByteStream stream = probe.accept(1);
    probe
        .channel
        .pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf in = (ByteBuf) message;
                while (in.isReadable()) {
                  ctx.fireChannelRead(in.readRetainedSlice(FrameHeader.BYTES));
                }
                in.release();
              }
            });
    ByteBuf in = probe.frame(Frames.update(FrameHeader.SYN, 2, 0));
    in.writeBytes(Frames.bytes(Frames.update(FrameHeader.SYN, 3, 0)));
    in.writeBytes(Frames.bytes(Frames.update(FrameHeader.SYN, 5, 0)));
    probe.receive(in);
    assertThat(probe.headers()).containsExactly(Frames.goAway(YamuxSession.GO_AWAY_PROTOCOL));
    assertThat(probe.inbound).hasSize(1);
    isClosed(stream);
  }

  @Test
  void answersPings() {
    probe.receive(Frames.ping(FrameHeader.SYN, 77));
    assertThat(probe.headers()).containsExactly(Frames.ping(FrameHeader.ACK, 77));
  }

  @Test
  void aPeerThatMakesUsSpeakAndDoesNotReadIsLeft() {
    ByteBuf flood = probe.allocator.directBuffer();
    for (int i = 0; i < 30_000; i++) {
      flood.writeBytes(Frames.bytes(Frames.ping(FrameHeader.SYN, i)));
    }
    probe.receive(flood);
    assertThat(probe.channel.isOpen()).isFalse();
  }

  @Test
  void asksAgainAndAgainAndLeavesASilentPeer() {
    ByteStream stream = probe.accept(1);
    for (int count = 2; count < 5; count++) {
      probe.pass(30);
      assertThat(probe.headers()).containsExactly(Frames.ping(FrameHeader.SYN, count));
      probe.receive(Frames.ping(FrameHeader.ACK, count));
    }
    probe.pass(30);
    assertThat(probe.headers()).containsExactly(Frames.ping(FrameHeader.SYN, 5));
    probe.receive(Frames.ping(FrameHeader.ACK, 4));
    probe.pass(30);
    isClosed(stream);
  }

  @Test
  void goAwayEndsTheConnectionButWhatHasEndedIsReadStill() throws IOException {
    ByteStream ended = probe.accept(1);
    ByteStream open = probe.accept(3);
    probe.receive(Frames.data(FrameHeader.FIN, 1, 2), (byte) 1, (byte) 2);
    probe.receive(Frames.goAway(YamuxSession.GO_AWAY_NORMAL));
    assertThat(HandlerProbe.readToTheEnd(ended)).containsExactly(1, 2);
    assertThatThrownBy(() -> ended.write(ByteBuffer.allocate(1)))
        .isInstanceOf(StreamResetException.class);
    isClosed(open);
  }

  @Test
  void whatWasAnsweredBeforeAGoAwayInTheSameReadIsSent() {
    ByteBuf both = probe.frame(Frames.update(FrameHeader.SYN, 1, 0));
    probe.receive(both.writeBytes(Frames.bytes(Frames.goAway(YamuxSession.GO_AWAY_NORMAL))));
    assertThat(probe.headers()).containsExactly(Frames.update(FrameHeader.ACK, 1, 0));
    assertThatThrownBy(() -> HandlerProbe.read(probe.inbound.getFirst(), 1))
        .isInstanceOf(StreamResetException.class)
        .hasMessage("connection is closed");
  }

  /** What could not be written any more fails before the channel says that it is closed. */
  @Test
  void aCloseWithUnsentFramesIsNoFailure() {
    ByteStream stream = probe.accept(1);
    probe.channel.pipeline().fireExceptionCaught(new ClosedChannelException());
    assertThatThrownBy(() -> HandlerProbe.read(stream, 1))
        .isInstanceOf(StreamResetException.class)
        .hasMessage("connection is closed");
  }

  @Test
  void closeSaysGoAwayAndResetsTheStreams() {
    ByteStream stream = probe.accept(1);
    probe.connection.close();
    probe.channel.runPendingTasks();
    probe.connection.close();
    assertThat(probe.headers()).containsExactly(Frames.goAway(YamuxSession.GO_AWAY_NORMAL));
    isClosed(stream);
  }

  @Test
  void aFailureInThePipelineEndsTheConnection() {
    ByteStream stream = probe.accept(1);
    probe.channel.pipeline().fireExceptionCaught(new IOException("reset by the network"));
    probe.channel.runPendingTasks();
    isClosed(stream);
  }

  @Test
  void attachedToAClosedChannelItIsOver() {
    EmbeddedChannel closed = new EmbeddedChannel();
    closed.finishAndReleaseAll();
    MuxedConnection connection =
        new YamuxMuxer(HandlerProbe.CONFIG, new WindowBudget(0)).attach(closed, true, stream -> {});
    assertThat(connection.closed().toCompletableFuture()).isDone();
    assertThatThrownBy(connection::open).isInstanceOf(IOException.class);
  }
}
