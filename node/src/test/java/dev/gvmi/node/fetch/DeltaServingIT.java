package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node answers to questions for delta indexes. */
@Timeout(60)
final class DeltaServingIT {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final TestImage IMAGE = TestImage.random(1 << 20, 1);

  @TempDir Path folder;
  private TestSwarm swarm;
  private Fetcher holder;
  private Fetcher asker;

  @BeforeEach
  void begin() throws Exception {
    swarm = new TestSwarm(folder);
    holder = swarm.fetcher();
    asker = swarm.fetcher();
    IMAGE.into(holder.store());
    Multiaddr address = holder.host().listenAddresses().getFirst();
    asker.host().dial(address.withP2p(holder.host().id().multihash()), LONG);
  }

  @AfterEach
  void end() throws Exception {
    swarm.end();
  }

  private record Reply(ManifestAnswer answer, ByteBuffer bytes) {}

  /**
   * The holder gives a peer one answer at a time, and may have told all of the last one a moment
   * before it is done with it.
   */
  private Reply ask(Optional<ManifestId> manifest, long offset) {
    return await()
        .until(
            () -> askOnce(manifest, offset),
            reply -> reply.answer().status() != ManifestAnswer.Status.BUSY);
  }

  private Reply askOnce(Optional<ManifestId> manifest, long offset) throws IOException {
    ManifestAsk ask = new ManifestAsk(IMAGE.id(), manifest, ManifestAsk.Kind.DELTA, offset);
    try (Stream stream = asker.host().newStream(holder.host().id(), LONG, Protocols.MANIFEST)) {
      stream.timeout(LONG);
      LengthPrefixed.write(stream, ask.encode());
      stream.closeWrite();
      ManifestAnswer answer = ManifestAnswer.decode(LengthPrefixed.read(stream, 65_536));
      ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
      while (stream.read(bytes) >= 0) {
        assertThat(bytes.hasRemaining()).isTrue();
      }
      return new Reply(answer, bytes.flip());
    }
  }

  @Test
  void whatWasNotMadeYetIsNotFound() throws Exception {
    assertThat(ask(Optional.empty(), 0).answer().status())
        .isEqualTo(ManifestAnswer.Status.NOT_FOUND);
  }

  @Test
  void theDeltaIndexIsShownFromTheOffsetOn() throws Exception {
    holder.store().deltas().put(IMAGE.delta());
    ByteBuffer whole = IMAGE.delta().bytes();
    for (int offset : new int[] {0, 1, 100, whole.limit(), Integer.MAX_VALUE}) {
      Reply reply = ask(Optional.of(IMAGE.manifest().id()), offset);
      assertThat(reply.answer().status()).isEqualTo(ManifestAnswer.Status.OK);
      assertThat(reply.answer().lengthBytes()).isEqualTo(whole.limit());
      assertThat(reply.answer().complete()).isTrue();
      int from = Math.min(offset, whole.limit());
      assertThat(reply.bytes()).isEqualTo(whole.duplicate().position(from));
    }
  }

  @Test
  void underAnotherManifestNothingIsFound() throws Exception {
    holder.store().deltas().put(IMAGE.delta());
    Optional<ManifestId> other = Optional.of(ManifestId.fromBytes(new byte[32]));
    assertThat(ask(other, 0).answer().status()).isEqualTo(ManifestAnswer.Status.NOT_FOUND);
  }
}
