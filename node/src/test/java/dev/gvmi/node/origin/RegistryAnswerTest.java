package dev.gvmi.node.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistryAnswerTest {
  private static final String SHA3 = "529f7fdaf1cf46ce3126eb6bbcd3b213c314fe8fe884914f5d1106d4";
  private static final String REAL =
      """
      {"http":"http://registry.golem.network/download/529f7fda","https":"https://registry.golem.network/download/529f7fda",
       "sha3":"%s","size":16777216,"more":[1]}
      """
          .formatted(SHA3);

  private static RegistryAnswer parse(String json) {
    return RegistryAnswer.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsTheRegistrysAnswer() {
    RegistryAnswer answer = parse(REAL);
    assertThat(answer.image().hex()).isEqualTo(SHA3);
    assertThat(answer.url()).hasToString("https://registry.golem.network/download/529f7fda");
    assertThat(answer.sizeBytes()).isEqualTo(16_777_216);
  }

  @Test
  void takesHttpWhereThereIsNothingBetter() {
    RegistryAnswer answer =
        parse(
            "{\"http\":\"http://r.example/x\",\"https\":null,\"sha3\":\""
                + SHA3
                + "\",\"size\":-1}");
    assertThat(answer.url()).hasToString("http://r.example/x");
    assertThat(answer.sizeBytes()).isEqualTo(OriginBody.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{",
        "{}",
        "{\"sha3\":\"abc\",\"http\":\"http://x/\"}",
        "{\"sha3\":7,\"http\":\"http://x/\"}",
        "{\"sha3\":\"" + SHA3 + "\"}",
        "{\"sha3\":\"" + SHA3 + "\",\"https\":\"file:///etc/passwd\"}",
        "{\"sha3\":\"" + SHA3 + "\",\"https\":{}}"
      })
  void refusesWhatIsNone(String json) {
    assertThatThrownBy(() -> parse(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesEveryCutAnswer() {
    String real = REAL.strip();
    for (int length = 0; length < real.length(); length++) {
      String cut = real.substring(0, length);
      assertThatThrownBy(() -> parse(cut)).as(cut).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
