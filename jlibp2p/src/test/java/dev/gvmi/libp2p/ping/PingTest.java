package dev.gvmi.libp2p.ping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Capture;
import dev.gvmi.libp2p.ScriptedStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PingTest {
  @ParameterizedTest
  @CsvSource({"true,3", "true,5", "false,4"})
  void answersAsAnotherImplementationDoes(boolean byDialler, int id) throws IOException {
    List<byte[]> asked = Capture.bodies(byDialler, id).skip(1).toList();
    List<byte[]> answered = Capture.bodies(!byDialler, id).skip(2).toList();
    assertThat(asked).hasSize(1);
    ScriptedStream stream = ScriptedStream.byteByByte(asked.getFirst());
    Ping.serve(stream);
    assertThat(stream.written()).isEqualTo(answered.getFirst());
  }

  @Test
  void answersAgainAndAgainButNotHalfAPing() throws IOException {
    ByteArrayOutputStream asked = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      asked.writeBytes(new byte[] {(byte) i});
      asked.writeBytes(new byte[31]);
    }
    byte[] whole = asked.toByteArray();
    asked.writeBytes(new byte[31]);
    ScriptedStream stream = ScriptedStream.of(asked.toByteArray());
    Ping.serve(stream);
    assertThat(stream.written()).isEqualTo(whole);
  }
}
