package dev.gvmi.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.node.control.ControlCall.InspectRequest;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PublishRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import tools.jackson.databind.json.JsonMapper;

/** What is read is fit for use: nothing is missing, and it goes through JSON unchanged. */
final class ControlFuzzTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @FuzzTest
  void file(byte[] input) {
    ControlFile.parse(input)
        .ifPresent(file -> {
          assertThat(ControlFile.parse(JSON.writeValueAsBytes(file))).contains(file);
          HttpRequest request =
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + file.port() + "/status"))
                  .header("Authorization", "Bearer " + file.token())
                  .build();
          assertThat(request.uri().getPort()).isEqualTo(file.port());
          assertThat(file.pid()).isPositive();
        });
  }

  private static <T> void read(byte[] input, Class<T> type) {
    T request;
    try {
      request = ControlCall.read(input, type);
    } catch (ServiceException e) {
      assertThat(e.kind()).isEqualTo(ServiceException.Kind.USAGE);
      assertThat(e.getMessage())
          .startsWith("malformed call: ")
          .doesNotContainPattern("\\p{Cc}")
          .hasSizeLessThan(400);
      return;
    }
    assertThat(ControlCall.read(JSON.writeValueAsBytes(request), type)).isEqualTo(request);
  }

  @FuzzTest
  void publish(byte[] input) {
    read(input, PublishRequest.class);
  }

  @FuzzTest
  void prefetch(byte[] input) {
    read(input, PrefetchRequest.class);
  }

  @FuzzTest
  void inspect(byte[] input) {
    read(input, InspectRequest.class);
  }
}
