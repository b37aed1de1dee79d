package dev.gvmi.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutated files end in settings, or in the one exception. */
class ConfigFileFuzzTest {
  private static final byte[] WHOLE =
      """
      listen = ["/ip4/0.0.0.0/tcp/7437"]
      peers = []
      runtime-cache = "none"
      [prefetch]
      timeout = "5m"
      [output]
      json = false
      level = "normal"
      """
          .getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsOrRefusesWhateverComes(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = Arrays.copyOf(WHOLE, 1 + random.nextInt(WHOLE.length));
      for (int i = 0; i < random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] =
            (byte) random.nextInt(random.nextBoolean() ? 128 : 256);
      }
      try {
        assertThat(ConfigParser.parse(Path.of("f"), bytes).lines()).hasSizeLessThanOrEqualTo(6);
      } catch (InvalidConfigException e) {
        assertThat(e.problems()).as("seed %d", seed).isNotEmpty().allMatch(p -> !p.contains("\n"));
      }
    }
  }

  @FuzzTest
  void readsOrRefuses(byte[] input) {
    try {
      ConfigFile file = ConfigParser.parse(Path.of("f"), input);
      assertThat(ConfigParser.parse(Path.of("f"), input)).isEqualTo(file);
    } catch (InvalidConfigException e) {
      assertThat(e.problems()).isNotEmpty().allMatch(p -> !p.contains("\n"));
    }
  }
}
