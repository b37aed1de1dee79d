package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One side of a connection without sockets; the test plays the peer. */
final class HandlerProbe {
  static final YamuxConfig CONFIG = YamuxConfig.DEFAULT.withMaxStreams(4);

  /** A frame and its body. */
  record Sent(FrameHeader header, byte[] body) {}

  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  final List<ByteStream> inbound = new ArrayList<>();
  final EmbeddedChannel channel = new EmbeddedChannel();
  final MuxedConnection connection;

  private HandlerProbe(boolean initiator, YamuxConfig config) {
    channel.config().setAllocator(allocator);
    channel.freezeTime();
    connection =
        new YamuxMuxer(config, new WindowBudget(WindowBudget.HOST_BYTES))
            .attach(channel, initiator, inbound::add);
  }

  /** A side that has asked its first ping and was answered. */
  static HandlerProbe started(boolean initiator, YamuxConfig config) {
    HandlerProbe probe = new HandlerProbe(initiator, config);
    assertThat(probe.headers()).containsExactly(Frames.ping(FrameHeader.SYN, 1));
    probe.receive(Frames.ping(FrameHeader.ACK, 1));
    return probe;
  }

  static HandlerProbe listener() {
    return started(false, CONFIG);
  }

  ByteBuf bytes(byte... bytes) {
    return allocator.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  ByteBuf frame(FrameHeader header, byte... body) {
    return bytes(Frames.bytes(header)).writeBytes(body);
  }

  void receive(ByteBuf in) {
    channel.writeInbound(in);
    channel.runPendingTasks();
  }

  void receive(FrameHeader header, byte... body) {
    receive(frame(header, body));
  }

  List<Sent> sent() {
    channel.runPendingTasks();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      all.writeBytes(next);
      next.release();
    }
    List<Sent> sent = new ArrayList<>();
    while (all.isReadable()) {
      sent.add(sent(all));
    }
    return sent;
  }

  private static Sent sent(ByteBuf all) {
    byte[] header = new byte[FrameHeader.BYTES];
    all.readBytes(header);
    try {
      FrameHeader decoded = FrameHeader.decode(ByteBuffer.wrap(header));
      byte[] body = new byte[decoded.type() == FrameHeader.DATA ? (int) decoded.length() : 0];
      all.readBytes(body);
      return new Sent(decoded, body);
    } catch (YamuxException e) {
      throw new AssertionError(e);
    }
  }

  List<FrameHeader> headers() {
    return sent().stream().map(Sent::header).toList();
  }

  ByteStream accept(int id) {
    receive(Frames.update(FrameHeader.SYN, id, 0));
    assertThat(headers()).containsExactly(Frames.update(FrameHeader.ACK, id, 0));
    return inbound.getLast();
  }

  static byte[] read(ByteStream stream, int most) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(most);
    int count = stream.read(target);
    return Arrays.copyOf(target.array(), Math.max(0, count));
  }

  static byte[] readToTheEnd(ByteStream stream) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(1 << 20);
    while (stream.read(target) >= 0) {
      assertThat(target.hasRemaining()).isTrue();
    }
    return Arrays.copyOf(target.array(), target.position());
  }

  void pass(long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  long usedBytes() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }

  /** Ends the connection; nothing is left of it. */
  void leavesNothingBehind() {
    channel.finishAndReleaseAll();
    channel.runPendingTasks();
    inbound.forEach(ByteStream::close);
    channel.runPendingTasks();
    channel.checkException();
    assertThat(connection.closed().toCompletableFuture()).isDone();
    assertThat(connection.streamCount()).isZero();
    assertThat(usedBytes()).isZero();
  }
}
