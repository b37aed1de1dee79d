package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerRecord;
import dev.gvmi.node.discovery.Candidate;
import dev.gvmi.node.discovery.FoundBy;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SwarmHintsTest {
  private static final Instant START = Instant.ofEpochSecond(1_000);
  private static final Multiaddr PUBLIC = Multiaddr.parse("/ip4/8.8.8.8/tcp/7437");
  private static final Multiaddr PRIVATE = Multiaddr.parse("/ip4/192.168.1.2/tcp/7437");
  private static final HostKey KEY = key();

  private final SwarmHints hints = new SwarmHints();

  private static HostKey key() {
    return HostKey.generate(new SecureRandom());
  }

  private static byte[] record(HostKey key, String... addresses) {
    List<Multiaddr> all = Arrays.stream(addresses).map(Multiaddr::parse).toList();
    return new PeerRecord(key.peerId(), 1, all).sign(key).toBytes();
  }

  private static List<byte[]> peers(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> record(key(), "/ip4/9.9." + i + ".9/tcp/1"))
        .toList();
  }

  @Test
  void aSignedRecordIsACandidate() {
    assertThat(hints.take(PUBLIC, List.of(record(KEY, "/ip4/9.9.9.9/tcp/1")), START))
        .containsExactly(
            new Candidate(
                KEY.peerId(), List.of(Multiaddr.parse("/ip4/9.9.9.9/tcp/1")), FoundBy.SWARM));
    assertThat(hints.take(PUBLIC, List.of(record(KEY, "/ip4/9.9.9.8/tcp/1")), START))
        .as("told again")
        .isEmpty();
  }

  @Test
  void aRecordThatIsChangedOrNoneIsPassedOver() {
    byte[] record = record(KEY, "/ip4/9.9.9.9/tcp/1");
    record[record.length - 1] ^= 1;
    assertThat(hints.take(PUBLIC, List.of(record, new byte[] {1, 2, 3}), START)).isEmpty();
  }

  @Test
  void aPublicPeerCannotSendUsAboutOurOwnNetwork() {
    byte[] record = record(KEY, "/ip4/192.168.1.1/tcp/80", "/ip4/127.0.0.1/tcp/22");
    assertThat(hints.take(PUBLIC, List.of(record), START)).isEmpty();
    assertThat(hints.take(PRIVATE, List.of(record), START))
        .singleElement()
        .extracting(Candidate::addresses)
        .isEqualTo(List.of(Multiaddr.parse("/ip4/192.168.1.1/tcp/80")));
  }

  @Test
  void soManyAreTakenInAMinuteAndNoMore() {
    assertThat(hints.take(PUBLIC, peers(0, 20), START)).hasSize(SwarmHints.MAX_PER_MINUTE);
    assertThat(hints.take(PUBLIC, peers(20, 21), START.plusSeconds(59))).isEmpty();
    assertThat(hints.take(PUBLIC, peers(30, 50), START.plusSeconds(60)))
        .hasSize(SwarmHints.MAX_PER_MINUTE);
  }

  @Test
  void soManyOfAnIpAddressAreTakenAndNoMore() {
    List<byte[]> all =
        IntStream.range(0, SwarmHints.MAX_PER_IP + 1)
            .mapToObj(i -> record(key(), "/ip4/9.9.9.9/tcp/" + (i + 1)))
            .toList();
    assertThat(hints.take(PUBLIC, all, START)).hasSize(SwarmHints.MAX_PER_IP);
  }

  @Test
  void noMoreSignaturesAreCheckedThanTheLimit() {
    byte[] junk = {1};
    for (int i = 0; i < SwarmHints.MAX_RECORDS / 16; i++) {
      hints.take(PUBLIC, Collections.nCopies(16, junk), START);
    }
    assertThat(hints.take(PUBLIC, peers(0, 1), START)).isEmpty();
  }
}
