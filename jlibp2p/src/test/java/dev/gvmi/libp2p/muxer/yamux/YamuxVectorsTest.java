package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class YamuxVectorsTest {
  private static final Map<String, FrameHeader> NAMED =
      Map.ofEntries(
          Map.entry("client opens stream 1, window delta 0", Frames.update(1, 1, 0)),
          Map.entry("server accepts stream 1", Frames.update(2, 1, 0)),
          Map.entry("data on stream 1", Frames.data(0, 1, 4)),
          Map.entry("open with data (SYN on DATA)", Frames.data(1, 3, 2)),
          Map.entry("window update +65536 on 1", Frames.update(0, 1, 65_536)),
          Map.entry("half close 1 via window update", Frames.update(4, 1, 0)),
          Map.entry("half close 1 via data", Frames.data(4, 1, 0)),
          Map.entry("reset 1", Frames.update(8, 1, 0)),
          Map.entry("reset 1 with libp2p stream error 0x1002", Frames.update(8, 1, 0x1002)),
          Map.entry("ping request, opaque 7", Frames.ping(1, 7)),
          Map.entry("ping answer, opaque 7", Frames.ping(2, 7)),
          Map.entry("go away normal", Frames.goAway(0)),
          Map.entry("go away protocol error", Frames.goAway(1)),
          Map.entry("go away internal error", Frames.goAway(2)),
          Map.entry("server opens stream 2", Frames.update(1, 2, 0)));

  private static Stream<JsonNode> frames() {
    return Vectors.all("yamux.json", "frames");
  }

  private static Stream<JsonNode> malformed() {
    return Vectors.all("yamux.json", "mustReject");
  }

  private static byte[] header(JsonNode vector) {
    return Arrays.copyOf(Vectors.hex(vector, "bytes"), FrameHeader.BYTES);
  }

  @ParameterizedTest
  @MethodSource("frames")
  void headersAreReadAndWritten(JsonNode vector) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Vectors.hex(vector, "bytes"));
    FrameHeader header = FrameHeader.decode(bytes);
    assertThat(header).isEqualTo(NAMED.get(Vectors.text(vector, "name")));
    int body = header.type() == FrameHeader.DATA ? (int) header.length() : 0;
    assertThat(bytes.remaining()).isEqualTo(body);
    assertThat(Frames.bytes(header)).isEqualTo(header(vector));
  }

  /** At the dialler, for one of them is malformed only there. */
  @ParameterizedTest
  @MethodSource("malformed")
  void refuses(JsonNode vector) {
    ByteBuffer bytes = ByteBuffer.wrap(Vectors.hex(vector, "bytes"));
    SessionProbe dialler = new SessionProbe(true);
    assertThatThrownBy(() -> dialler.session.on(FrameHeader.decode(bytes)))
        .isInstanceOf(YamuxException.class);
    assertThat(dialler.accepted).isEmpty();
  }

  @Test
  void refusesStreamFramesOfTheSession() {
    for (byte type = 0; type < 2; type++) {
      ByteBuffer in = ByteBuffer.allocate(FrameHeader.BYTES).put(1, type);
      assertThatThrownBy(() -> FrameHeader.decode(in)).isInstanceOf(YamuxException.class);
    }
  }

  @Test
  void valuesAreUnsigned() throws YamuxException {
    FrameHeader most = Frames.update(0xffff, -1, 0xffff_ffffL);
    assertThat(FrameHeader.decode(ByteBuffer.wrap(Frames.bytes(most)))).isEqualTo(most);
  }

  @Test
  void mutatedHeadersAreReadOrRefused() {
    List<byte[]> golden = frames().map(YamuxVectorsTest::header).toList();
    Fuzz.allowing(YamuxException.class)
        .mutations(
            golden,
            input -> {
              byte[] whole = Arrays.copyOf(input, FrameHeader.BYTES);
              FrameHeader header = FrameHeader.decode(ByteBuffer.wrap(whole));
              assertThat(Frames.bytes(header)).isEqualTo(whole);
            });
  }

  /** The handler gives whole headers only; less is a fault of ours. */
  @Test
  void aCutHeaderIsNotRead() {
    Fuzz.allowing(BufferUnderflowException.class)
        .refusesCuts(
            frames().map(YamuxVectorsTest::header).toList(),
            cut -> FrameHeader.decode(ByteBuffer.wrap(cut)));
  }
}
