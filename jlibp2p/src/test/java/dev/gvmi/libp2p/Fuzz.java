package dev.gvmi.libp2p;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Inputs that are nearly right. A decoder takes them, or throws the exception that it declares, and nothing else. A
 * failure names the seed; {@code -Dfuzz.seed} runs it again.
 */
public final class Fuzz {
  private static final int INPUTS = 20_000;
  private static final int MOST_NOISE_BYTES = 80;

  private final Class<? extends Exception> declared;

  private Fuzz(Class<? extends Exception> declared) {
    this.declared = declared;
  }

  /** What reads an input; it may check with assertions what it has read. */
  @FunctionalInterface
  public interface Decoder {
    void decode(byte[] input) throws Exception;
  }

  public static Fuzz allowing(Class<? extends Exception> declared) {
    return new Fuzz(declared);
  }

  /** Inputs with a few bytes changed, left out or put in, and now and then random bytes. */
  public void mutations(List<byte[]> golden, Decoder decoder) {
    mutations(INPUTS, golden, decoder);
  }

  /** As many as that, for a decoder that takes its time. */
  public void mutations(int inputs, List<byte[]> golden, Decoder decoder) {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < inputs; i++) {
      byte[] input =
          i % 8 == 0
              ? noise(random)
              : Vectors.mutated(golden.get(random.nextInt(golden.size())), random);
      decode(input, decoder, "seed " + seed);
    }
  }

  /** As {@link #mutations(List, Decoder)} of text, changed as bytes. */
  public void textMutations(List<String> golden, TextDecoder decoder) {
    mutations(
        golden.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList(),
        bytes -> decoder.decode(new String(bytes, StandardCharsets.UTF_8)));
  }

  /** What reads a text. */
  @FunctionalInterface
  public interface TextDecoder {
    void decode(String input) throws Exception;
  }

  /** Every beginning of every input: taken or refused as declared. */
  public void cuts(List<byte[]> golden, Decoder decoder) {
    for (byte[] whole : golden) {
      for (int length = 0; length < whole.length; length++) {
        decode(Arrays.copyOf(whole, length), decoder, "cut at " + length);
      }
    }
  }

  /** Every beginning of every input, none of which means anything: refused. */
  public void refusesCuts(List<byte[]> golden, Decoder decoder) {
    for (byte[] whole : golden) {
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> decoder.decode(cut))
            .as("%s cut at %d", HexFormat.of().formatHex(whole), length)
            .isInstanceOf(declared);
      }
    }
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(MOST_NOISE_BYTES)];
    random.nextBytes(noise);
    return noise;
  }

  private void decode(byte[] input, Decoder decoder, String origin) {
    try {
      decoder.decode(input);
    } catch (Exception | AssertionError e) {
      if (!declared.isInstance(e)) {
        fail(origin + ", input " + HexFormat.of().formatHex(input), e);
      }
    }
  }
}
