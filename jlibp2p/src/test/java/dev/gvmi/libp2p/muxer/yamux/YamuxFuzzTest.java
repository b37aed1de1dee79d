package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.io.ByteStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

final class YamuxFuzzTest {
  private static void readHeader(byte[] input) throws YamuxException {
    if (input.length >= FrameHeader.BYTES) {
      FrameHeader header = FrameHeader.decode(ByteBuffer.wrap(input));
      assertThat(Frames.bytes(header)).isEqualTo(Arrays.copyOf(input, FrameHeader.BYTES));
    }
  }

  @FuzzTest
  void header(byte[] input) {
    Fuzz.allowing(YamuxException.class).input(input, YamuxFuzzTest::readHeader);
  }

  /** Frames and what the owner of the session does, in any order, beside a model of it. */
  @FuzzTest
  void session(byte[] input) {
    Fuzz.allowing(YamuxException.class)
        .allocating(16 << 20)
        .input(
            input, bytes -> new SessionModel((bytes.length & 1) == 1).play(ByteBuffer.wrap(bytes)));
  }

  /** What a connection makes of bytes: what it sends, and what its streams hold. */
  private static String outcome(HandlerProbe probe, byte[] input, int piece) throws IOException {
    long most = (64 << 10) + 4L * input.length;
    for (int at = 0; at < input.length && probe.channel.isOpen(); at += piece) {
      probe.receive(probe.bytes(Arrays.copyOfRange(input, at, Math.min(input.length, at + piece))));
      assertThat(probe.usedBytes()).isLessThanOrEqualTo(most);
      assertThat(probe.connection.streamCount()).isBetween(0, HandlerProbe.CONFIG.maxStreams());
    }
    StringBuilder all = new StringBuilder().append(probe.channel.isOpen());
    probe.sent().forEach(sent -> all.append('\n').append(sent.header()));
    for (ByteStream stream : probe.inbound) {
      all.append('\n').append(rest(stream));
    }
    probe.leavesNothingBehind();
    return all.toString();
  }

  /** All that can be read without waiting, and how it ends. */
  private static String rest(ByteStream stream) {
    stream.timeout(Duration.ZERO);
    ByteBuffer all = ByteBuffer.allocate(8192);
    String end = "full";
    try {
      while (all.hasRemaining()) {
        if (stream.read(all) < 0) {
          end = "end";
          break;
        }
      }
    } catch (SocketTimeoutException e) {
      end = "more to come";
    } catch (IOException e) {
      end = String.valueOf(e.getMessage());
    }
    return HexFormat.of().formatHex(all.array(), 0, all.position()) + " " + end;
  }

  /** The first byte: which side, and how many bytes come at a time. */
  private static void receive(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    boolean initiator = (input[0] & 1) == 1;
    byte[] frames = Arrays.copyOfRange(input, 1, input.length);
    HandlerProbe whole = HandlerProbe.started(initiator, HandlerProbe.CONFIG);
    HandlerProbe pieces = HandlerProbe.started(initiator, HandlerProbe.CONFIG);
    assertThat(outcome(pieces, frames, 1 + ((input[0] & 0xff) >> 1)))
        .isEqualTo(outcome(whole, frames, Math.max(1, frames.length)));
  }

  @FuzzTest
  void connection(byte[] input) {
    Fuzz.allowing(YamuxException.class).allocating(16 << 20).input(input, YamuxFuzzTest::receive);
  }

  /**
   * A connection in use: while frames come in pieces, what has come is read, echoed, and now and
   * then a stream of ours is opened, ended or reset.
   */
  private static void use(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    HandlerProbe probe = HandlerProbe.started((input[0] & 1) == 1, HandlerProbe.CONFIG);
    List<ByteStream> ours = new ArrayList<>();
    int piece = 1 + ((input[0] & 0xff) >> 1);
    for (int at = 1; at < input.length && probe.channel.isOpen(); at += piece) {
      byte[] bytes = Arrays.copyOfRange(input, at, Math.min(input.length, at + piece));
      probe.receive(probe.bytes(bytes));
      act(probe, ours, bytes[bytes.length - 1]);
      probe.sent();
      assertThat(probe.connection.streamCount()).isBetween(0, HandlerProbe.CONFIG.maxStreams());
    }
    ours.forEach(ByteStream::close);
    probe.leavesNothingBehind();
  }

  private static void act(HandlerProbe probe, List<ByteStream> ours, byte choice) {
    List<ByteStream> all = new ArrayList<>(probe.inbound);
    all.addAll(ours);
    for (ByteStream stream : all) {
      stream.timeout(Duration.ZERO);
      try {
        switch (choice & 7) {
          case 0 -> stream.closeWrite();
          case 1 -> stream.reset(choice);
          case 2 -> stream.close();
          case 3 -> stream.write(ByteBuffer.allocate(choice & 0xff));
          default -> stream.write(ByteBuffer.wrap(HandlerProbe.read(stream, 64)));
        }
        stream.flush();
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
    if (choice < 0) {
      try {
        ours.add(probe.connection.open());
      } catch (IOException e) {
        assertThat(e.getMessage()).contains("connection");
      }
    }
  }

  @FuzzTest
  void connectionInUse(byte[] input) {
    // each byte may make each stream fail, and an exception has its trace
    Fuzz.allowing(YamuxException.class).allocating(256 << 20).input(input, YamuxFuzzTest::use);
  }
}
