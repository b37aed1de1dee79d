package dev.gvmi.libp2p.framing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.ScriptedStream;
import java.io.IOException;

final class LengthPrefixedFuzzTest {
  private static final int MOST = 512;

  private static void readAll(byte[] input) throws IOException {
    ScriptedStream stream = ScriptedStream.of(input);
    ScriptedStream slow = ScriptedStream.byteByByte(input);
    // ends with the input
    while (true) {
      byte[] message = LengthPrefixed.read(stream, MOST);
      assertThat(message).hasSizeLessThanOrEqualTo(MOST);
      assertThat(LengthPrefixed.read(slow, MOST)).isEqualTo(message);
      ScriptedStream out = ScriptedStream.of(new byte[0]);
      LengthPrefixed.write(out, message);
      assertThat(LengthPrefixed.read(ScriptedStream.of(out.written()), MOST)).isEqualTo(message);
    }
  }

  @FuzzTest
  void messages(byte[] input) {
    Fuzz.allowing(IOException.class)
        .allocating(4 << 20)
        .input(input, LengthPrefixedFuzzTest::readAll);
  }
}
