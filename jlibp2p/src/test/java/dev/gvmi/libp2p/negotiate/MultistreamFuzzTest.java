package dev.gvmi.libp2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.ScriptedStream;
import dev.gvmi.libp2p.Vectors;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MultistreamFuzzTest {
  private static List<byte[]> frames() {
    return Vectors.all("multistream.json", "messages").map(v -> Vectors.hex(v, "frame")).toList();
  }

  @Test
  void messages() {
    Fuzz.allowing(ProtocolException.class)
        .mutations(
            frames(),
            input -> {
              ByteBuffer in = ByteBuffer.wrap(input);
              String message = MultistreamCodec.decode(in);
              assertThat(in.position() == 0).isEqualTo(message == null);
            });
  }

  @Test
  void noMessageIsThereBeforeItsLastByte() {
    Fuzz.allowing(ProtocolException.class)
        .cuts(
            frames(),
            cut -> {
              ByteBuffer in = ByteBuffer.wrap(cut);
              assertThat(MultistreamCodec.decode(in)).isNull();
              assertThat(in.position()).isZero();
            });
  }

  @Test
  void bothSidesOnAStream() {
    byte[] talk = MultistreamCodec.encode(MultistreamCodec.HEADER, "/a/1", "na", "/b/1");
    Fuzz.Decoder listener =
        input -> NegotiatedStream.accept(ScriptedStream.of(input), "/b/1"::equals);
    Fuzz.Decoder dialler =
        input -> NegotiatedStream.dial(ScriptedStream.of(input), List.of("/b/1", "/a/1"));
    for (Fuzz.Decoder side : List.of(listener, dialler)) {
      Fuzz.allowing(IOException.class).mutations(List.of(talk), side);
      Fuzz.allowing(IOException.class).cuts(List.of(talk), side);
    }
    Fuzz.allowing(EOFException.class).refusesCuts(List.of(talk), listener);
  }
}
