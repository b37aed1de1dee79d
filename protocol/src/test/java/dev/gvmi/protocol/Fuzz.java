package dev.gvmi.protocol;

import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Feeds a decoder with mutated inputs. It may refuse them with its declared exception only, and may
 * allocate no more than a multiple of their length. {@code -Dfuzz.seed=N} runs another sequence; a
 * failure names the seed.
 */
public final class Fuzz {
  private static final long SEED = Long.getLong("fuzz.seed", 20_251L);
  private static final int ROUNDS = 20_000;
  private static final int MAX_CHANGES = 6;
  private static final int MAX_GROWTH = 40;
  private static final byte[] EXTREMES = {
    0, 1, 0x7f, (byte) 0x80, (byte) 0xff, '/', ':', '%', '\n'
  };

  /** Objects that a decoder may make whatever the input: messages, an exception with its trace. */
  private static final long FIXED_BYTES = 64 << 10;

  private static final long BYTES_PER_INPUT_BYTE = 256;

  /**
   * On top, where Jazzer's callbacks copy all strings that are compared and match each pattern a
   * second time.
   */
  private static final long INSTRUMENTED_FIXED_BYTES = 1 << 20;

  private static final long INSTRUMENTED_BYTES_PER_INPUT_BYTE = 4 << 10;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final List<byte[]> samples;
  private final Class<? extends Exception> declared;
  private final Random random = new Random(SEED);

  private Fuzz(List<byte[]> samples, Class<? extends Exception> declared) {
    this.samples = samples;
    this.declared = declared;
  }

  /** What is tried. */
  public interface Decoder<T> {
    T decode(byte[] input) throws Exception;
  }

  /** What must be true of that which was decoded; it may allocate. */
  public interface Check<T> {
    void accept(byte[] input, T value) throws Exception;
  }

  /** Decodes mutations of {@code samples}; only {@code declared} may come out. */
  public static <T> void run(
      List<byte[]> samples,
      Class<? extends Exception> declared,
      Decoder<T> decoder,
      Check<T> check) {
    Fuzz fuzz = new Fuzz(samples, declared);
    samples.forEach(sample -> fuzz.tryOut(sample, -1, decoder, check));
    for (int round = 0; round < ROUNDS; round++) {
      fuzz.tryOut(fuzz.mutated(), round, decoder, check);
    }
  }

  /** One input, as a fuzzer gives it. */
  public static <T> void input(
      byte[] input, Class<? extends Exception> declared, Decoder<T> decoder, Check<T> check) {
    new Fuzz(List.of(), declared).tryOut(input, -1, decoder, check);
  }

  private <T> void tryOut(byte[] input, int round, Decoder<T> decoder, Check<T> check) {
    try {
      long limit = limit(input.length);
      Attempt<T> attempt = attempt(input, decoder);
      // classes that are loaded at first use count only once
      if (attempt.allocated > limit) {
        long allocated = attempt(input, decoder).allocated;
        if (allocated > limit) {
          throw new AssertionError(allocated + " bytes allocated, limit " + limit);
        }
      }
      if (attempt.value.isPresent()) {
        check.accept(input, attempt.value.get());
      }
    } catch (Exception | AssertionError e) {
      String hex = HexFormat.of().formatHex(input, 0, Math.min(input.length, 1000));
      fail("seed " + SEED + ", round " + round + ", " + input.length + " bytes: " + hex, e);
    }
  }

  private static long limit(int length) {
    long plain = FIXED_BYTES + BYTES_PER_INPUT_BYTE * length;
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

  /** What came out, unless it was refused. */
  private record Attempt<T>(Optional<T> value, long allocated) {}

  private <T> Attempt<T> attempt(byte[] input, Decoder<T> decoder) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Optional<T> value = Optional.empty();
    try {
      value = Optional.of(decoder.decode(input.clone()));
    } catch (Exception e) {
      if (!declared.isInstance(e)) {
        throw new AssertionError("undeclared " + e, e);
      }
    } catch (StackOverflowError e) {
      throw new AssertionError("stack overflow", e);
    }
    return new Attempt<>(value, THREADS.getCurrentThreadAllocatedBytes() - before);
  }

  private byte[] mutated() {
    byte[] bytes = sample().clone();
    for (int change = random.nextInt(1 + random.nextInt(MAX_CHANGES)); change >= 0; change--) {
      bytes = changed(bytes);
    }
    return bytes;
  }

  private byte[] sample() {
    return samples.get(random.nextInt(samples.size()));
  }

  private byte[] changed(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, at + random.nextInt(MAX_GROWTH));
    return switch (random.nextInt(7)) {
      case 0 ->
          with(bytes, at, (byte) (at < bytes.length ? bytes[at] ^ 1 << random.nextInt(8) : 0));
      case 1 -> with(bytes, at, (byte) random.nextInt());
      case 2 -> with(bytes, at, EXTREMES[random.nextInt(EXTREMES.length)]);
      case 3 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
      case 4 -> joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
      case 5 ->
          joined(Arrays.copyOf(bytes, at), noise(), Arrays.copyOfRange(bytes, at, bytes.length));
      default -> {
        byte[] other = sample();
        yield joined(
            Arrays.copyOf(bytes, at),
            Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
      }
    };
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(MAX_GROWTH)];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    byte[] changed = bytes.clone();
    if (at < changed.length) {
      changed[at] = value;
    }
    return changed;
  }

  private static byte[] joined(byte[]... parts) {
    byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
