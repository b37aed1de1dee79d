package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class YamuxVectorsTest {
  private static Stream<JsonNode> frames() {
    return Vectors.all("yamux.json", "frames");
  }

  private static Stream<JsonNode> malformed() {
    return Vectors.all("yamux.json", "mustReject")
        .filter(v -> !Vectors.text(v, "name").contains("parity"));
  }

  @ParameterizedTest
  @MethodSource("frames")
  void headersAreReadAndWritten(JsonNode vector) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Vectors.hex(vector, "bytes"));
    FrameHeader header = FrameHeader.decode(bytes);
    int body = header.type() == FrameHeader.DATA ? (int) header.length() : 0;
    assertThat(bytes.remaining()).isEqualTo(body);
    ByteBuffer again = ByteBuffer.allocate(FrameHeader.BYTES);
    header.encode(again);
    assertThat(again.flip()).isEqualTo(ByteBuffer.wrap(Vectors.hex(vector, "bytes"), 0, 12));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refuses(JsonNode vector) {
    ByteBuffer bytes = ByteBuffer.wrap(Vectors.hex(vector, "bytes"));
    assertThatThrownBy(() -> FrameHeader.decode(bytes)).isInstanceOf(YamuxException.class);
  }

  @Test
  void randomHeadersAreReadOrRefused() {
    Random random = new Random(4);
    byte[] bytes = new byte[FrameHeader.BYTES];
    for (int i = 0; i < 50_000; i++) {
      random.nextBytes(bytes);
      bytes[0] = 0;
      bytes[1] &= 7;
      try {
        FrameHeader header = FrameHeader.decode(ByteBuffer.wrap(bytes));
        assertThat(header.length()).isBetween(0L, 0xffff_ffffL);
      } catch (YamuxException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }
}
