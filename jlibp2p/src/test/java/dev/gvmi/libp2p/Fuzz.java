package dev.gvmi.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Inputs that are nearly right, or a fuzzer's. A decoder takes them, or throws the exception that
 * it declares, and nothing else. A failure names the seed; {@code -Dfuzz.seed} runs it again.
 */
public final class Fuzz {
  private static final int INPUTS = 20_000;
  private static final int MOST_NOISE_BYTES = 80;

  /**
   * Objects that a decoder may make whatever the input: messages, assertions, an exception with its
   * trace.
   */
  private static final long FIXED_BYTES = 256 << 10;

  private static final long BYTES_PER_INPUT_BYTE = 512;

  /**
   * On top, where Jazzer's callbacks copy all strings that are compared and match each pattern a
   * second time.
   */
  private static final long INSTRUMENTED_FIXED_BYTES = 1 << 20;

  private static final long INSTRUMENTED_BYTES_PER_INPUT_BYTE = 4 << 10;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Class<? extends Exception> declared;
  private final long fixedBytes;

  private Fuzz(Class<? extends Exception> declared, long fixedBytes) {
    this.declared = declared;
    this.fixedBytes = fixedBytes;
  }

  /** What reads an input; it may check with assertions what it has read. */
  @FunctionalInterface
  public interface Decoder {
    void decode(byte[] input) throws Exception;
  }

  public static Fuzz allowing(Class<? extends Exception> declared) {
    return new Fuzz(declared, FIXED_BYTES);
  }

  /** The same, with a decoder that may allocate as much as that on a short input, too. */
  public Fuzz allocating(long bytes) {
    return new Fuzz(declared, bytes);
  }

  /**
   * One input, as a fuzzer gives it: read or refused as declared, in memory that its length
   * explains.
   */
  public void input(byte[] input, Decoder decoder) {
    long limit = limit(input.length);
    // classes that are loaded at first use count only once
    if (allocated(input, decoder) > limit) {
      long allocated = allocated(input, decoder);
      assertThat(allocated).as("bytes allocated").isLessThanOrEqualTo(limit);
    }
  }

  private long limit(int length) {
    long plain = fixedBytes + BYTES_PER_INPUT_BYTE * length;
    return isInstrumented()
        ? plain + INSTRUMENTED_FIXED_BYTES + INSTRUMENTED_BYTES_PER_INPUT_BYTE * length
        : plain;
  }

  /** Jazzer's agent puts what instrumented code calls beside the classes of the JDK. */
  private static boolean isInstrumented() {
    try {
      Class.forName("com.code_intelligence.jazzer.runtime.CoverageMap", false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** As {@link #input} of a text. */
  public void text(byte[] input, TextDecoder decoder) {
    input(input, bytes -> decoder.decode(new String(bytes, StandardCharsets.UTF_8)));
  }

  private long allocated(byte[] input, Decoder decoder) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      decoder.decode(input.clone());
    } catch (Exception e) {
      if (!declared.isInstance(e)) {
        throw new AssertionError("undeclared " + e, e);
      }
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
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
