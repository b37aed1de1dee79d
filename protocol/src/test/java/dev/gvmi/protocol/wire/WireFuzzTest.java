package dev.gvmi.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.wire.WireSamples.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class WireFuzzTest {
  /** Whatever is read is within bounds, so that it is read again as it is written. */
  private static void fuzz(List<Sample> samples, Decoder decoder) {
    fuzz(samples, List.of(), decoder);
  }

  private static void fuzz(List<Sample> samples, List<byte[]> more, Decoder decoder) {
    List<byte[]> inputs = new ArrayList<>(more);
    samples.forEach(sample -> inputs.add(sample.bytes()));
    Fuzz.run(
        inputs,
        WireException.class,
        input -> {
          Message read = decoder.decode(input);
          assertThat(decoder.decode(read.encode()).value()).isEqualTo(read.value());
        });
  }

  private interface Decoder {
    Message decode(byte[] payload) throws WireException;
  }

  private record Message(Object value, Supplier<byte[]> encoder) {
    byte[] encode() {
      return encoder.get();
    }
  }

  @Test
  void manifestAsk() {
    fuzz(
        WireSamples.manifestAsks(),
        payload -> {
          ManifestAsk ask = ManifestAsk.decode(payload);
          return new Message(ask, ask::encode);
        });
  }

  @Test
  void manifestAnswer() {
    fuzz(
        WireSamples.manifestAnswers(),
        payload -> {
          ManifestAnswer answer = ManifestAnswer.decode(payload);
          return new Message(answer, answer::encode);
        });
  }

  @Test
  void haveUpdate() {
    fuzz(WireSamples.haves(), WireFuzzTest::have);
  }

  /** Thousands of the smallest ranges and holders there can be in a message. */
  @Test
  void haveUpdateOfManySmallParts() {
    HaveUpdate ranges =
        new HaveUpdate(
            Optional.of(WireSamples.IMAGE),
            Optional.of(WireSamples.MANIFEST),
            false,
            0,
            new byte[0],
            Collections.nCopies(200, new HaveUpdate.Range(0, 1)),
            Collections.nCopies(200, new HaveUpdate.Range(1, 1)),
            List.of());
    byte[] empty = new byte[4096];
    for (int i = 0; i < empty.length; i += 2) {
      empty[i] = (byte) (i % 6 == 0 ? 0x32 : i % 6 == 2 ? 0x3a : 0x42);
    }
    fuzz(
        WireSamples.haves(),
        List.of(ranges.encode(), empty, Arrays.copyOf(empty, 100)),
        WireFuzzTest::have);
  }

  private static Message have(byte[] payload) throws WireException {
    HaveUpdate update = HaveUpdate.decode(payload);
    return new Message(update, update::encode);
  }

  @Test
  void chunkMessage() {
    fuzz(
        WireSamples.chunkMessages(),
        payload -> {
          ChunkMessage message = ChunkMessage.decode(payload);
          return new Message(message, message::encode);
        });
  }

  @Test
  void chunkAnswer() {
    fuzz(
        WireSamples.chunkAnswers(),
        payload -> {
          ChunkAnswer answer = ChunkAnswer.decode(payload);
          return new Message(answer, answer::encode);
        });
  }
}
