package dev.gvmi.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Descriptors as gvmkit-build writes them: the vectors are of its own code. */
final class DescriptorTest {
  private static final RegistryLimits LIMITS = RegistryLimits.DEFAULT;
  private static final byte[] DATA = new byte[2560];

  static {
    for (int i = 0; i < DATA.length; i++) {
      DATA[i] = (byte) i;
    }
  }

  private static byte[] golden() {
    return new GvmkitClient.Source(DATA, 1000).descriptor();
  }

  @Test
  void readsTheVectorOfTenTimes256Bytes() {
    byte[] bytes = golden();
    assertThat(bytes).hasSize(148);
    assertThat(HexFormat.of().formatHex(bytes))
        .startsWith("00000003333333340000000000000a0000000000000003e80e29f5b4");
    Descriptor descriptor = Descriptor.parse(bytes, LIMITS);
    assertThat(descriptor.id().hex())
        .isEqualTo("b639c844bb6903edbe9be3c8b2c7699ad5da1444d5123465c4062ba08f82b6b1");
    assertThat(descriptor.image().hex())
        .isEqualTo("0e29f5b488a5b4a85681fe8e7a6a15479993505f3929f525b9a9ef35");
    assertThat(descriptor.sizeBytes()).isEqualTo(2560);
    assertThat(descriptor.chunkCount()).isEqualTo(3);
    assertThat(descriptor.chunkOffset(2)).isEqualTo(2000);
    assertThat(descriptor.chunkLength(1)).isEqualTo(1000);
    assertThat(descriptor.chunkLength(2)).isEqualTo(560);
    byte[] hash = GvmkitClient.digest("SHA-256", Arrays.copyOfRange(DATA, 2000, 2560));
    assertThat(descriptor.isHashOf(2, hash)).isTrue();
    assertThat(descriptor.isHashOf(1, hash)).isFalse();
    assertThat(descriptor.chunkHash(2)).isEqualTo(HexFormat.of().formatHex(hash));
  }

  @Test
  void readsTheVectorOfAnEmptyFile() {
    Descriptor descriptor =
        Descriptor.parse(new GvmkitClient.Source(new byte[0], 1000).descriptor(), LIMITS);
    assertThat(descriptor.id().hex())
        .isEqualTo("b5890377f9d7b3e1d925af1c6642b25ee58bdb7ddfb6cbd19524be2b03aa0ab6");
    assertThat(descriptor.chunkCount()).isZero();
  }

  @Test
  void rejectsWhatIsCutAtEveryIndexAndOneByteMore() {
    byte[] bytes = golden();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIllegalArgumentException().isThrownBy(() -> Descriptor.parse(cut, LIMITS));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Descriptor.parse(Arrays.copyOf(bytes, bytes.length + 1), LIMITS));
  }

  private static void rejects(int at, long value, String why) {
    byte[] bytes = golden();
    ByteBuffer.wrap(bytes).putLong(at, value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Descriptor.parse(bytes, LIMITS))
        .withMessageContaining(why);
  }

  @Test
  void rejectsNumbersThatMakeNoImage() {
    rejects(0, 0x0000000333333333L, "version");
    rejects(8, Geometry.MAX_SIZE_BYTES + 1, "at most");
    rejects(8, -1, "at most");
    rejects(8, 3001, "4 of them");
    rejects(16, 0, "1 to");
    rejects(16, -1, "1 to");
    rejects(16, LIMITS.chunkBytes() + 1, "1 to");
    rejects(16, Long.MAX_VALUE, "1 to");
    rejects(16, 1280, "2 of them");
  }

  @Test
  void takesAsManyChunksAsTheLimitSaysAndNotOneMore() {
    assertThat(
            Descriptor.parse(new GvmkitClient.Source(new byte[1000], 1).descriptor(), LIMITS)
                .chunkCount())
        .isEqualTo(1000);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Descriptor.parse(new GvmkitClient.Source(new byte[1001], 1).descriptor(), LIMITS))
        .withMessageContaining("more than 1000 chunks");
  }

  @Test
  void takesChunksAsLongAsTheLimitSays() {
    byte[] bytes = Arrays.copyOf(golden(), 52 + 32);
    ByteBuffer.wrap(bytes).putLong(8, LIMITS.chunkBytes()).putLong(16, LIMITS.chunkBytes());
    assertThat(Descriptor.parse(bytes, LIMITS).chunkLength(0)).isEqualTo(100L << 20);
  }
}
