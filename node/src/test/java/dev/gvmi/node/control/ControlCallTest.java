package dev.gvmi.node.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.control.ControlCall.InspectRequest;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PublishRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ControlCallTest {
  private static final String TOKEN = "ab".repeat(32);

  private static void refuses(String body, Class<?> type) {
    assertThatThrownBy(() -> ControlCall.read(body.getBytes(UTF_8), type))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.kind()).isEqualTo(ServiceException.Kind.USAGE))
        .message()
        .startsWith("malformed call: ")
        .doesNotContainPattern("\\p{Cc}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "1",
        "{\"image\":null}",
        "{\"image\":[1]}",
        "{\"image\":\"x"
      })
  void aCallThatLeavesOutWhatItMustSayIsOfTheCallersMaking(String body) {
    refuses(body, InspectRequest.class);
    refuses(body, PrefetchRequest.class);
    refuses(body, PublishRequest.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"image\":\"x\"}",
        "{\"image\":\"x\",\"peers\":null}",
        "{\"image\":\"x\",\"peers\":[null]}",
        "{\"image\":\"x\",\"peers\":[],\"to\":\"a\\u0000b\"}",
        "{\"image\":\"x\",\"peers\":[],\"timeout\":\"a\\nb\"}",
      })
  void aPrefetchOfWrongParts(String body) {
    refuses(body, PrefetchRequest.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"file\":\"a\\u0000b\"}",
        "{\"file\":\"\\u0000:\"}",
        "{\"file\":\"x:%zz\"}",
        "{\"file\":\"file:x\"}",
        "{\"file\":\"nosuch:/x\"}"
      })
  void aPublishOfAPathThatIsNone(String body) {
    refuses(body, PublishRequest.class);
  }

  @Test
  void readsTheFileOfADaemon() {
    String json = "{\"port\":7,\"token\":\"" + TOKEN + "\",\"pid\":8}";
    assertThat(ControlFile.parse(json.getBytes(UTF_8))).contains(new ControlFile(7, TOKEN, 8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "{\"port\":7,\"pid\":8}",
        "{\"port\":7,\"token\":null,\"pid\":8}",
        "{\"port\":7,\"token\":\"\",\"pid\":8}",
        "{\"port\":7,\"token\":\"a\\nb\",\"pid\":8}",
        "{\"port\":7,\"token\":\"a\",\"pid\":0}",
        "{\"port\":0,\"token\":\"a\",\"pid\":8}",
        "{\"port\":65536,\"token\":\"a\",\"pid\":8}",
      })
  void aFileThatTellsNotHowToReachADaemonIsNone(String json) {
    assertThat(ControlFile.parse(json.getBytes(UTF_8))).isEmpty();
  }
}
