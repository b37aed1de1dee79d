package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.muxer.yamux.HandlerProbe.Sent;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bytes of streams, between the connection and their readers and writers. */
final class YamuxHandlerTest {
  private static final int KIB = 1 << 10;

  private final HandlerProbe probe = HandlerProbe.listener();

  @AfterEach
  void leavesNothingBehind() {
    probe.leavesNothingBehind();
  }

  @Test
  void opensWithoutWaitingForThePeer() throws IOException {
    ByteStream stream = probe.connection.open();
    assertThat(probe.headers()).containsExactly(Frames.update(FrameHeader.SYN, 2, 0));
    stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    stream.closeWrite();
    List<Sent> sent = probe.sent();
    assertThat(sent)
        .extracting(Sent::header)
        .containsExactly(Frames.data(0, 2, 3), Frames.update(FrameHeader.FIN, 2, 0));
    assertThat(sent.getFirst().body()).containsExactly(1, 2, 3);
  }

  @Test
  void headerAndBodyLeaveInOneBuffer() throws IOException {
    ByteStream stream = probe.connection.open();
    probe.sent();
    stream.write(ByteBuffer.allocate(1000));
    probe.channel.runPendingTasks();
    ByteBuf whole = probe.channel.readOutbound();
    assertThat(whole.readableBytes()).isEqualTo(1012);
    whole.release();
  }

  @Test
  void readsBytesThatComeOneByOne() throws IOException {
    ByteBuf all = probe.frame(Frames.update(FrameHeader.SYN, 1, 0));
    all.writeBytes(Frames.bytes(Frames.data(0, 1, 300))).writeZero(299).writeByte(9);
    all.writeBytes(Frames.bytes(Frames.data(FrameHeader.FIN, 1, 1))).writeByte(10);
    while (all.isReadable()) {
      probe.channel.writeInbound(probe.bytes(all.readByte()));
    }
    all.release();
    byte[] bytes = HandlerProbe.readToTheEnd(probe.inbound.getFirst());
    assertThat(bytes).hasSize(301).endsWith(9, 10);
  }

  @Test
  void handsOnTheBodyBeforeItIsWhole() throws IOException {
    ByteStream stream = probe.accept(1);
    probe.receive(Frames.data(FrameHeader.FIN, 1, 10), new byte[4]);
    assertThat(HandlerProbe.read(stream, 100)).hasSize(4);
    probe.receive(probe.bytes(new byte[6]));
    assertThat(HandlerProbe.read(stream, 100)).hasSize(6);
    assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void losingTheConnectionInMidFrameFailsTheStreamAtEveryCut() {
    ByteBuf all = probe.frame(Frames.update(FrameHeader.SYN, 1, 0));
    int opened = all.readableBytes();
    all.writeBytes(Frames.bytes(Frames.data(FrameHeader.FIN, 1, 20))).writeZero(20);
    for (int cut = 0; cut < all.readableBytes(); cut++) {
      HandlerProbe lost = HandlerProbe.listener();
      lost.receive(lost.allocator.directBuffer().writeBytes(all.duplicate(), cut));
      lost.channel.finishAndReleaseAll();
      assertThat(lost.inbound).hasSize(cut < opened ? 0 : 1);
      for (ByteStream stream : lost.inbound) {
        assertThatThrownBy(() -> HandlerProbe.read(stream, 10))
            .isInstanceOf(StreamResetException.class);
      }
      lost.leavesNothingBehind();
    }
    all.release();
  }

  @Test
  void bytesOfUnknownStreamsAreSkipped() throws IOException {
    ByteStream stream = probe.accept(1);
    ByteBuf in = probe.frame(Frames.data(0, 8, 20), new byte[20]);
    in.writeBytes(Frames.bytes(Frames.data(FrameHeader.FIN, 1, 1))).writeByte(5);
    probe.receive(in);
    assertThat(HandlerProbe.readToTheEnd(stream)).containsExactly(5);
  }

  @Test
  void controlFramesGoFirstAndStreamsTakeTurns() throws IOException {
    ByteStream one = probe.accept(1);
    ByteStream two = probe.accept(3);
    probe.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    one.write(ByteBuffer.allocate(200_000));
    two.write(ByteBuffer.allocate(100_000));
    probe.receive(Frames.ping(FrameHeader.SYN, 5));
    assertThat(probe.headers()).containsExactly(Frames.ping(FrameHeader.ACK, 5));
    probe.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    assertThat(probe.headers())
        .containsExactly(
            Frames.data(0, 1, 65_507),
            Frames.data(0, 3, 65_507),
            Frames.data(0, 1, 65_507),
            Frames.data(0, 3, 100_000 - 65_507),
            Frames.data(0, 1, 65_507),
            Frames.data(0, 1, 200_000 - 3 * 65_507));
  }

  @Test
  void sendsNoMoreThanTheWindow() throws IOException {
    ByteStream stream = probe.accept(1);
    stream.write(ByteBuffer.allocate(256 * KIB));
    assertThat(probe.headers().stream().mapToLong(FrameHeader::length).sum()).isEqualTo(256 * KIB);
    stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    stream.closeWrite();
    assertThat(probe.headers()).isEmpty();
    probe.receive(Frames.update(0, 1, 2));
    List<Sent> first = probe.sent();
    assertThat(first).extracting(Sent::header).containsExactly(Frames.data(0, 1, 2));
    assertThat(first.getFirst().body()).containsExactly(1, 2);
    probe.receive(Frames.update(0, 1, 2));
    List<Sent> second = probe.sent();
    assertThat(second)
        .extracting(Sent::header)
        .containsExactly(Frames.data(0, 1, 1), Frames.update(FrameHeader.FIN, 1, 0));
    assertThat(second.getFirst().body()).containsExactly(3);
  }

  @Test
  void creditsThePeerWhenTheReaderHasTakenHalfOfTheWindow() throws IOException {
    ByteStream stream = probe.accept(1);
    byte[] piece = new byte[64 * KIB];
    for (int i = 0; i < 4; i++) {
      probe.receive(Frames.data(0, 1, piece.length), piece);
    }
    HandlerProbe.read(stream, 64 * KIB);
    assertThat(probe.headers()).isEmpty();
    HandlerProbe.read(stream, 64 * KIB);
    assertThat(probe.headers())
        .singleElement()
        .satisfies(update -> {
          assertThat(update.type()).isEqualTo(FrameHeader.WINDOW_UPDATE);
          assertThat(update.length()).isGreaterThanOrEqualTo(128 * KIB);
        });
  }

  /** One byte of each large buffer: what is unread may not hold on to the rest. */
  @Test
  void unreadBytesHoldOnToLittleMemory() {
    probe.accept(1);
    for (int i = 0; i < 100; i++) {
      ByteBuf in = probe.allocator.directBuffer(64 * KIB);
      in.writeBytes(Frames.bytes(Frames.data(0, 1, 1))).writeByte(1);
      in.writeBytes(Frames.bytes(Frames.data(0, 8, in.writableBytes() - 12)));
      probe.receive(in.writeZero(in.writableBytes()));
    }
    assertThat(probe.usedBytes()).isLessThan(64 * KIB);
  }

  @Test
  void resetOfThePeerReachesTheReaderWithItsCode() {
    ByteStream stream = probe.accept(1);
    probe.receive(Frames.update(FrameHeader.RST, 1, 0x1004));
    assertThatThrownBy(() -> HandlerProbe.read(stream, 1))
        .isInstanceOfSatisfying(
            StreamResetException.class, e -> assertThat(e.code()).isEqualTo(0x1004));
    assertThat(probe.connection.streamCount()).isZero();
    assertThat(probe.headers()).isEmpty();
  }

  @Test
  void resetFromHereInMidFrameSkipsTheRestOfIt() throws IOException {
    ByteStream stream = probe.accept(1);
    probe.receive(Frames.data(0, 1, 10), new byte[4]);
    stream.reset(3);
    assertThat(probe.headers()).containsExactly(Frames.update(FrameHeader.RST, 1, 3));
    probe.receive(probe.bytes(new byte[6]));
    assertThat(probe.accept(3)).isNotNull();
  }

  /** Bytes that make sense now and then: nothing is thrown into the pipeline and nothing leaks. */
  @Test
  void randomBytesEndTheConnectionAtWorst() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      HandlerProbe noisy = HandlerProbe.listener();
      try {
        for (int i = 0; i < 10 && noisy.channel.isOpen(); i++) {
          noisy.receive(noisy.bytes(noise(random)));
        }
        noisy.leavesNothingBehind();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(60)];
    random.nextBytes(bytes);
    for (int at = 0; at + 12 < bytes.length; at += 12 + random.nextInt(6)) {
      int type = random.nextInt(4);
      int id = type < 2 ? 1 + random.nextInt(7) : 0;
      FrameHeader header = new FrameHeader(type, random.nextInt(16), id, random.nextInt(12));
      System.arraycopy(Frames.bytes(header), 0, bytes, at, 12);
    }
    return bytes;
  }
}
