package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.protocol.image.ImageId;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final ImageId IMAGE = ImageId.parseHex(HEX);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/image/%s",
        "/image/%s/",
        "/image/%s/node.gvmi",
        "/image/%s/..%%2f..%%2fetc",
        "/image/%s?origin=file:///etc/passwd"
      })
  void anImageIsNamedByItsHashAlone(String path) {
    assertThat(Route.of(path.formatted(HEX))).isEqualTo(new Route.Image(IMAGE, Optional.empty()));
  }

  @Test
  void hashesAreTakenInUpperCaseToo() {
    assertThat(Route.of("/image/" + HEX.toUpperCase(Locale.ROOT)))
        .isEqualTo(new Route.Image(IMAGE, Optional.empty()));
  }

  @Test
  void aFetchMaySayWhereTheImageIsToBeHad() {
    assertThat(
            Route.of(
                "/fetch/"
                    + HEX
                    + "/a.gvmi?x=1&origin=http%3A%2F%2Fexample.com%2Fa%20b.gvmi%3Ft%3D1"
                        .replace("%20", "%2520")))
        .isEqualTo(
            new Route.Image(
                IMAGE, Optional.of(OriginUrl.parse("http://example.com/a%20b.gvmi?t=1"))));
    assertThat(Route.of("/fetch/" + HEX + "/a.gvmi"))
        .isEqualTo(new Route.Image(IMAGE, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "image",
        "/image",
        "/image/",
        "/image/xyz",
        "/image/%s/a/b",
        "/images/%s",
        "x/image/%s",
        "/fetch/%s",
        "/fetch/%s/a?origin=file%%3A%%2F%%2F%%2Fetc%%2Fpasswd",
        "/fetch/%s/a?origin=",
        "/fetch/%s/a?origin=%%zz",
        "/fetch/%s/a?origin=http:x",
        "/fetch/%s/a?origin=ht%%20tp://x/",
        "http://127.0.0.1/image/%s",
        "/../image/%s",
        "//image/%s"
      })
  void thereIsNothingElse(String path) {
    assertThat(Route.of(path.formatted(HEX))).isInstanceOf(Route.Unknown.class);
  }

  @Test
  void metricsAndHealthHaveTheirPaths() {
    assertThat(Route.of("/metrics?x")).isEqualTo(new Route.Metrics());
    assertThat(Route.of("/health/live")).isEqualTo(new Route.Live());
    assertThat(Route.of("/health/ready")).isEqualTo(new Route.Ready());
  }
}
