package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** What a client writes, as far as it is read here: the rest is Netty's. */
final class GatewayFuzzTest {
  private static final InetAddress LISTEN = InetAddress.ofLiteral("127.0.0.1");
  private static final HostCheck HOSTS = new HostCheck(LISTEN, Set.of());

  @FuzzTest
  void targets(byte[] input) {
    Route route = Route.of(new String(input, StandardCharsets.ISO_8859_1));
    if (route instanceof Route.Unknown unknown) {
      assertThat(unknown.why()).isNotEmpty().doesNotContain("\r", "\n");
    } else if (route instanceof Route.Image image) {
      image.origin().ifPresent(origin -> assertThat(origin.host()).isNotNull());
    }
  }

  /** The first byte is the size. */
  @FuzzTest
  void ranges(byte[] input) {
    if (input.length == 0) {
      return;
    }
    long size = input[0] & 0xff;
    String header = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
    if (ByteRange.of(header, size) instanceof ByteRange.Part(long first, long end)) {
      assertThat(first).isBetween(0L, size - 1);
      assertThat(end).isBetween(first + 1, size);
    }
  }

  @FuzzTest
  void hosts(byte[] input) {
    String host = new String(input, StandardCharsets.ISO_8859_1);
    if (HOSTS.allows(host, null, null)) {
      assertThat(host).matches("(?i)(localhost|[0-9.]+|\\[.*\\])(:[0-9]{1,5})?");
      String name = host.replaceFirst(":[0-9]{1,5}$", "");
      if (name.matches("[0-9.]+")) { // 127.1 is the same address
        assertThat(InetAddress.ofLiteral(name)).isEqualTo(LISTEN);
      }
    }
  }
}
