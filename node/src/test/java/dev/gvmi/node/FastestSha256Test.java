package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.sha256.LaneSha256;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FastestSha256Test {
  private static final int MUCH = 4 << 20;

  private final List<Runnable> aside = new ArrayList<>();
  private final List<String> used = new ArrayList<>();
  private long now;

  /** Its digests are right; the clock says that it took so long for all of its lanes. */
  private final class Paced implements Sha256 {
    private final String name;
    private final int lanes;
    private final long nanosPerByteOfAll;

    Paced(String name, int lanes, long nanosPerByteOfAll) {
      this.name = name;
      this.lanes = lanes;
      this.nanosPerByteOfAll = nanosPerByteOfAll;
    }

    @Override
    public int lanes() {
      return lanes;
    }

    @Override
    public List<byte[]> digests(List<ByteBuffer> messages) {
      used.add(name);
      now += nanosPerByteOfAll * messages.stream().mapToLong(ByteBuffer::remaining).sum();
      return new ScalarSha256().digests(messages);
    }
  }

  private FastestSha256 fastest(Sha256 scalar, Sha256 lanes) {
    return new FastestSha256(
        scalar, () -> Optional.of(lanes), new Fastest.Measuring(aside::add, () -> now, MUCH));
  }

  private String hash(Sha256 sha256, int messages, int bytes) {
    used.clear();
    sha256.digests(Collections.nCopies(messages, ByteBuffer.allocate(bytes)));
    return String.join(" ", used);
  }

  @Test
  void takesLanesForAsManyMessagesAsAreWorthThem() {
    FastestSha256 sha256 = fastest(new Paced("scalar", 1, 50), new Paced("lanes", 16, 10));
    assertThat(sha256.lanes()).isEqualTo(1);
    assertThat(hash(sha256, 16, 1000)).isEqualTo("scalar");
    sha256.measureAside();
    assertThat(aside).hasSize(1);
    aside.getFirst().run();
    assertThat(sha256.lanes()).isEqualTo(16);
    assertThat(hash(sha256, 1, 1000)).isEqualTo("scalar");
    assertThat(hash(sha256, 3, 1000)).isEqualTo("scalar"); // 150 for 160
    assertThat(hash(sha256, 4, 1000)).isEqualTo("lanes");
    assertThat(hash(sha256, 16, 1000)).isEqualTo("lanes");
  }

  @Test
  void staysWithTheJdkWhereThatIsFaster() {
    // a machine with instructions for it; the candidate is not waited for any longer than the limit
    FastestSha256 sha256 =
        fastest(new Paced("scalar", 1, 20_000_000), new Paced("lanes", 16, 30_000_000));
    sha256.measureAside();
    aside.getFirst().run();
    assertThat(sha256.lanes()).isEqualTo(1);
    assertThat(hash(sha256, 16, 1000)).isEqualTo("scalar");
  }

  @Test
  void isMeasuredWhenMuchIsHashedAndOnce() {
    FastestSha256 sha256 = fastest(new Paced("scalar", 1, 50), new Paced("lanes", 16, 10));
    hash(sha256, 3, 1 << 20);
    assertThat(aside).isEmpty();
    hash(sha256, 2, 1 << 20);
    hash(sha256, 2, 1 << 20);
    sha256.measureAside();
    assertThat(aside).hasSize(1);
  }

  @Test
  void givesTheSameDigestsWhateverItTakes() throws Exception {
    FastestSha256 sha256 =
        new FastestSha256(
            new ScalarSha256(),
            LaneSha256::candidate,
            new Fastest.Measuring(Runnable::run, System::nanoTime, MUCH));
    sha256.measureAside();
    Random random = new Random(4);
    for (int count = 1; count <= 20; count++) {
      List<ByteBuffer> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] bytes = new byte[random.nextInt(500)];
        random.nextBytes(bytes);
        messages.add(ByteBuffer.wrap(bytes));
      }
      List<byte[]> digests = sha256.digests(messages);
      for (int i = 0; i < count; i++) {
        assertThat(digests.get(i))
            .isEqualTo(MessageDigest.getInstance("SHA-256").digest(messages.get(i).array()));
      }
    }
  }
}
