package dev.gvmi.libp2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Capture;
import dev.gvmi.libp2p.ScriptedStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both sides of what another implementation recorded. */
final class MultistreamCaptureTest {
  private static String next(ByteBuffer in) throws ProtocolException {
    String message = MultistreamCodec.decode(in);
    assertThat(message).isNotNull();
    return message;
  }

  @ParameterizedTest
  @CsvSource({"multistream1,/plaintext/2.0.0", "multistream2,/yamux/1.0.0"})
  void agreesOnTheConnection(String field, String protocol) throws IOException {
    byte[] fromDialler = Capture.bytes(true, field);
    byte[] fromListener = Capture.bytes(false, field);
    var dialler = new MultistreamCodec.Dialer(List.of(protocol));
    assertThat(dialler.opening()).isEqualTo(fromDialler);
    ByteBuffer answers = ByteBuffer.wrap(fromListener);
    assertThat(dialler.on(next(answers))).isEqualTo(MultistreamCodec.Step.NONE);
    assertThat(dialler.on(next(answers)).agreed()).isEqualTo(protocol);
    assertThat(answers.hasRemaining()).isFalse();

    ScriptedStream stream = ScriptedStream.byteByByte(fromDialler);
    assertThat(NegotiatedStream.accept(stream, protocol::equals).protocol()).isEqualTo(protocol);
    assertThat(stream.written()).isEqualTo(fromListener);
  }

  @ParameterizedTest
  @CsvSource({
    "true,1,/ipfs/id/1.0.0",
    "true,3,/ipfs/ping/1.0.0",
    "true,5,/ipfs/ping/1.0.0",
    "true,7,/gvmi/kad/1.0.0",
    "true,9,/gvmi/kad/1.0.0",
    "true,11,/gvmi/kad/1.0.0",
    "false,2,/ipfs/id/1.0.0",
    "false,4,/ipfs/ping/1.0.0"
  })
  void agreesOnAStream(boolean byDialler, int id, String protocol) throws IOException {
    byte[] proposal = Capture.bodies(byDialler, id).findFirst().orElseThrow();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    Capture.bodies(!byDialler, id).limit(2).forEach(answer::writeBytes);

    ScriptedStream listening = ScriptedStream.of(proposal);
    assertThat(NegotiatedStream.accept(listening, protocol::equals).protocol()).isEqualTo(protocol);
    assertThat(listening.written()).isEqualTo(answer.toByteArray());

    ScriptedStream dialling = ScriptedStream.of(answer.toByteArray());
    assertThat(NegotiatedStream.dial(dialling, List.of(protocol)).protocol()).isEqualTo(protocol);
    assertThat(dialling.written()).isEqualTo(proposal);
  }

  @Test
  void aLazyDiallerReadsWhatFollowsTheAnswers() throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    Capture.bodies(false, 1).forEach(answer::writeBytes);
    ScriptedStream stream = ScriptedStream.of(answer.toByteArray());
    NegotiatedStream lazy = NegotiatedStream.dialLazily(stream, "/ipfs/id/1.0.0");
    ByteBuffer all = ByteBuffer.allocate(4096);
    while (lazy.read(all) >= 0) {
      assertThat(all.hasRemaining()).isTrue();
    }
    assertThat(all.flip()).isEqualTo(ByteBuffer.wrap(Capture.identify(false)));
    assertThat(stream.written()).isEqualTo(Capture.bodies(true, 1).findFirst().orElseThrow());
  }
}
