package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Capture;
import dev.gvmi.libp2p.io.ByteStream;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What another implementation sent, as it was recorded. */
final class YamuxCaptureTest {
  private static final List<String> TYPES = List.of("DATA", "WINDOW_UPDATE", "PING", "GO_AWAY");
  private static final List<String> FLAGS = List.of("SYN", "ACK", "FIN", "RST");

  private static Stream<Capture.Frame> frames() {
    return Stream.concat(Capture.frames(true).stream(), Capture.frames(false).stream());
  }

  @ParameterizedTest
  @MethodSource("frames")
  void headersAreReadAndWritten(Capture.Frame frame) throws YamuxException {
    int flags = frame.flags().isEmpty() ? 0 : 1 << FLAGS.indexOf(frame.flags());
    FrameHeader expected =
        new FrameHeader(TYPES.indexOf(frame.type()), flags, frame.stream(), frame.length());
    assertThat(FrameHeader.decode(ByteBuffer.wrap(frame.header()))).isEqualTo(expected);
    assertThat(Frames.bytes(expected)).isEqualTo(frame.header());
    assertThat(frame.body()).hasSize(frame.type().equals("DATA") ? (int) frame.length() : 0);
  }

  private static byte[] bodies(boolean fromDialler, int stream) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Capture.bodies(fromDialler, stream).forEach(all::writeBytes);
    return all.toByteArray();
  }

  /** All that the dialler sent, in one piece: six streams, which it opened, wrote and ended. */
  @Test
  void aListenerTakesWhatTheDiallerSent() throws IOException {
    HandlerProbe listener = HandlerProbe.started(false, YamuxConfig.DEFAULT);
    ByteBuf all = listener.allocator.directBuffer();
    for (Capture.Frame frame : Capture.frames(true)) {
      all.writeBytes(frame.header()).writeBytes(frame.body());
    }
    listener.receive(all);
    assertThat(listener.inbound).hasSize(6);
    for (int i = 0; i < 6; i++) {
      assertThat(HandlerProbe.readToTheEnd(listener.inbound.get(i)))
          .as("stream %d", 2 * i + 1)
          .isEqualTo(bodies(true, 2 * i + 1));
    }
    assertThat(listener.channel.isOpen()).isTrue();
    listener.leavesNothingBehind();
  }

  /** All that the listener sent, frame by frame, to a dialler that has opened its six streams. */
  @Test
  void aDiallerTakesWhatTheListenerSent() throws IOException {
    HandlerProbe dialler = HandlerProbe.started(true, YamuxConfig.DEFAULT);
    Map<Integer, ByteStream> streams = new HashMap<>();
    for (int id = 1; id < 12; id += 2) {
      streams.put(id, dialler.connection.open());
    }
    dialler.sent();
    for (Capture.Frame frame : Capture.frames(false)) {
      boolean opens = frame.flags().equals("SYN") && frame.stream() != 0;
      dialler.receive(dialler.bytes(frame.header()).writeBytes(frame.body()));
      if (opens) {
        streams.put(frame.stream(), dialler.inbound.getLast());
      }
      if (frame.body().length > 0) {
        assertThat(HandlerProbe.read(streams.get(frame.stream()), 1 << 10)).isEqualTo(frame.body());
      }
    }
    assertThat(dialler.inbound).hasSize(2);
    assertThat(dialler.channel.isOpen()).isTrue();
    dialler.leavesNothingBehind();
  }
}
