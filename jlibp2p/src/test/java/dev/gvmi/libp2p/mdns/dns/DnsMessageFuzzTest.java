package dev.gvmi.libp2p.mdns.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import java.net.ProtocolException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DnsMessageFuzzTest {
  private static final Fuzz FUZZ = Fuzz.allowing(ProtocolException.class);

  private static void decode(byte[] input) throws ProtocolException {
    DnsMessage message = DnsMessage.decode(input, DnsLimits.DEFAULT);
    boolean known =
        Stream.concat(message.answers().stream(), message.additionals().stream())
            .noneMatch(DnsRecord.Other.class::isInstance);
    if (known && input.length < 500) {
      assertThat(DnsMessage.decode(message.encode(), DnsLimits.DEFAULT)).isEqualTo(message);
    }
  }

  @FuzzTest
  void messages(byte[] input) {
    FUZZ.allocating(4 << 20).input(input, DnsMessageFuzzTest::decode);
  }

  @Test
  void nearlyRightMessages() {
    FUZZ.mutations(
        List.of(DnsSamples.JS_QUERY, DnsSamples.JS_RESPONSE, DnsSamples.RESPONSE.encode()),
        DnsMessageFuzzTest::decode);
  }
}
