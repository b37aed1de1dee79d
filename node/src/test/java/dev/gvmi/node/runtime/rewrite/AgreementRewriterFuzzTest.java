package dev.gvmi.node.runtime.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Mutated agreements are left alone, or become an agreement of the same shape; descriptors
 * likewise.
 */
class AgreementRewriterFuzzTest {
  private static final String HASH = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final List<String> WHOLE =
      List.of(
          "{\"demand\":{\"properties\":{\"golem\":{\"srv\":{\"comp\":{\"task_package\":\"hash:sha3:"
              + HASH
              + ":http://a.example/b.gvmi\"}}}}}}",
          "{\"demand.properties.golem.srv.comp.payload\":\"'{\\\"payload\\\":[{\\\"hash\\\":\\\"sha3:"
              + HASH
              + "\\\",\\\"urls\\\":[\\\"http://a.example/b\\\"]}]}'\"}",
          "[{\"name\":\"vm\",\"supervisor-path\":\"exe-unit\"}]");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void takesWhateverComes(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      byte[] whole = WHOLE.get(random.nextInt(WHOLE.size())).getBytes(StandardCharsets.UTF_8);
      byte[] bytes =
          random.nextBoolean() ? whole : Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int i = 0; i < random.nextInt(4) && bytes.length > 0; i++) {
        bytes[random.nextInt(bytes.length)] =
            (byte) random.nextInt(random.nextBoolean() ? 128 : 256);
      }
      check(bytes);
    }
  }

  @FuzzTest
  void takesAnything(byte[] input) {
    check(input);
  }

  private static void check(byte[] input) {
    byte[] before = input.clone();
    AgreementRewriter.rewrite(input, "127.0.0.1:1")
        .ifPresent(copy -> assertThat(shape(copy)).isEqualTo(shape(before)));
    assertThat(input).isEqualTo(before);
    try {
      Descriptor.parse(input)
          .ifPresent(found ->
              assertThat(found.withSupervisor(found.supervisor() + "x")).isNotEqualTo(before));
    } catch (InvalidDocumentException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }

  /** Names and structure; no values. */
  private static String shape(byte[] json) {
    return JsonMapper.shared()
        .readTree(json)
        .toString()
        .replaceAll(":\"([^\"\\\\]|\\\\.)*+\"", ":\"\"");
  }
}
