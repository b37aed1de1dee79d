package dev.gvmi.node.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageAuditorTest {
  private static final int CHUNK = 256 << 10;
  private static final TestImage IMAGE = TestImage.random(13 * CHUNK + 1234, 5);

  /** A file in memory. */
  private static final class Bytes implements ImageAudit {
    Optional<Manifest> manifest = Optional.of(IMAGE.manifest());
    byte[] bytes = IMAGE.bytes();
    final BitSet unreadable = new BitSet();
    StoreException.Kind fault = StoreException.Kind.IO;

    @Override
    public ImageId id() {
      return IMAGE.id();
    }

    @Override
    public Optional<Manifest> manifest() {
      return manifest;
    }

    @Override
    public Path file() {
      return Path.of("image");
    }

    @Override
    public long fileBytes() {
      return bytes.length;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      int end = (int) offsetBytes + target.remaining();
      int bad = unreadable.nextSetBit((int) offsetBytes);
      if (end > bytes.length || (bad >= 0 && bad < end)) {
        throw new StoreException(fault, "cannot read at " + offsetBytes);
      }
      target.put(bytes, (int) offsetBytes, target.remaining());
    }

    @Override
    public boolean passed(VerifiedImage proof) {
      throw new IllegalStateException("an auditor only reads");
    }

    @Override
    public void withdraw() {
      throw new IllegalStateException("an auditor only reads");
    }

    @Override
    public boolean failed(BitSet goodChunks) {
      throw new IllegalStateException("an auditor only reads");
    }
  }

  private final Bytes file = new Bytes();

  private AuditFindings audit() throws InterruptedException {
    return new ImageAuditor(new ScalarSegmentHasher()).audit(file, bytes -> {});
  }

  private void assertDamaged(int... chunks) throws InterruptedException {
    BitSet good = new BitSet();
    good.set(0, IMAGE.chunkCount());
    good.andNot(TestFiles.bits(chunks));
    assertThat(audit())
        .asInstanceOf(type(AuditFindings.Damaged.class))
        .isEqualTo(new AuditFindings.Damaged(good, chunks.length));
  }

  @Test
  void soundImageIsProven() throws InterruptedException {
    assertThat(audit())
        .asInstanceOf(type(AuditFindings.Sound.class))
        .extracting(sound -> sound.proof().manifest())
        .isEqualTo(IMAGE.manifest());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, CHUNK - 1, CHUNK, 4 * CHUNK - 1, 4 * CHUNK, 4 * CHUNK - 200, 13 * CHUNK + 1233})
  void flippedByteBelongsToItsChunkAlone(int at) throws InterruptedException {
    file.bytes[at] ^= 1;
    assertDamaged(at / CHUNK);
  }

  @Test
  void severalDamagedChunksAreAllFound() throws InterruptedException {
    for (int chunk : new int[] {1, 3, 4, 13}) {
      file.bytes[chunk * CHUNK + 7] ^= 1;
    }
    assertDamaged(1, 3, 4, 13);
  }

  @Test
  void chunkThatCannotBeReadIsDamaged() throws InterruptedException {
    file.unreadable.set(5 * CHUNK + 3);
    assertDamaged(5);
  }

  @Test
  void whatAShortFileLacksIsDamaged() throws InterruptedException {
    file.bytes = Arrays.copyOf(file.bytes, 11 * CHUNK + 5);
    assertDamaged(11, 12, 13);
  }

  @Test
  void whatFollowsTheEndDamagesTheLastChunk() throws InterruptedException {
    file.bytes = Arrays.copyOf(file.bytes, file.bytes.length + 1);
    assertDamaged(13);
  }

  @Test
  void fileThatCannotBeOpenedIsAFaultAndNoDamage() {
    file.unreadable.set(0);
    file.fault = StoreException.Kind.UNUSABLE;
    assertThatThrownBy(this::audit).isInstanceOf(StoreException.class);
  }

  @Test
  void segmentsThatFailThoughTheirChunksAreGoodTakeTheirChunksWithThem()
      throws InterruptedException {
    file.manifest = Optional.of(IMAGE.withFalseCheckpoint());
    assertThat(audit())
        .asInstanceOf(type(AuditFindings.Damaged.class))
        .extracting(AuditFindings.Damaged::goodChunks)
        .isEqualTo(TestFiles.bits(0, 1, 2, 3, 4, 5, 6));
  }

  @Test
  void withoutAManifestTheWholeIsProvenOrNothing() throws InterruptedException {
    file.manifest = Optional.empty();
    assertThat(audit()).isInstanceOf(AuditFindings.Sound.class);
    file.bytes[9] ^= 1;
    assertThat(audit()).isEqualTo(new AuditFindings.Damaged(new BitSet(), 0));
    file.bytes = new byte[0];
    assertThat(audit()).isEqualTo(new AuditFindings.Damaged(new BitSet(), 0));
  }

  @Test
  void progressGrowsToAllBytes() throws InterruptedException {
    List<Long> told = new ArrayList<>();
    AuditFindings findings = new ImageAuditor(new ScalarSegmentHasher()).audit(file, told::add);
    assertThat(findings).isInstanceOf(AuditFindings.Sound.class);
    assertThat(told).isSorted().last().isEqualTo((long) IMAGE.bytes().length);
  }
}
