package dev.gvmi.libp2p.identify;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Capture;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ScriptedStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Objects;
import java.util.Set;

final class IdentifyFuzzTest {
  private static final PeerInfo KNOWN =
      new PeerInfo(
          PeerId.parse(Capture.peer(true)),
          Multiaddr.parse("/ip4/192.0.2.1/tcp/4001"),
          false,
          null,
          List.of(),
          Set.of());

  private static void receive(byte[] input) throws IOException {
    PeerInfo info;
    try {
      info = IdentifyMessages.receive(ScriptedStream.of(input), KNOWN, 0).peer();
    } catch (EOFException | ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("undeclared " + e, e);
    }
    assertThat(info.id()).isEqualTo(KNOWN.id());
    assertThat(info.remoteAddress()).isEqualTo(KNOWN.remoteAddress());
    assertThat(info.listenAddresses()).hasSizeLessThanOrEqualTo(500);
    assertThat(info.protocols()).hasSizeLessThanOrEqualTo(1024);
    assertThat(Objects.requireNonNullElse(info.agent(), "")).matches("[ -~]{0,128}");
    assertThat(IdentifyMessages.receive(ScriptedStream.byteByByte(input), KNOWN, 0).peer())
        .isEqualTo(info);
  }

  @FuzzTest
  void messages(byte[] input) {
    Fuzz.allowing(IOException.class).allocating(4 << 20).input(input, IdentifyFuzzTest::receive);
  }
}
