package dev.gvmi.protocol.sha256;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gvmi.protocol.vector.Vectors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LaneSha256Test {
  @BeforeEach
  void hasVectors() {
    assumeThat(Vectors.areThere()).as("jdk.incubator.vector is there").isTrue();
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Of either kind of memory, and not at its start. */
  private static ByteBuffer buffer(Random random, byte[] bytes) {
    int length = bytes.length + 7;
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
    return buffer.position(3).put(bytes).flip().position(3);
  }

  private static void check(Sha256 sha256, Random random, List<byte[]> messages) throws Exception {
    List<ByteBuffer> buffers = messages.stream().map(bytes -> buffer(random, bytes)).toList();
    List<byte[]> digests = sha256.digests(buffers);
    assertThat(digests).hasSameSizeAs(messages);
    for (int i = 0; i < messages.size(); i++) {
      assertThat(digests.get(i))
          .as("message %d of %d, %d bytes", i, messages.size(), messages.get(i).length)
          .isEqualTo(MessageDigest.getInstance("SHA-256").digest(messages.get(i)));
      assertThat(buffers.get(i).position()).isEqualTo(3);
      assertThat(buffers.get(i).remaining()).isEqualTo(messages.get(i).length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void equalsTheJdkForEveryLengthAroundABlock(int bits) throws Exception {
    Random random = new Random(bits);
    List<byte[]> messages = new ArrayList<>();
    for (int length = 0; length <= 200; length++) {
      messages.add(random(random, length));
    }
    check(LaneSha256.of(bits), random, messages);
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void equalsTheJdkForEveryNumberOfMessagesOfRandomLengths(int bits) throws Exception {
    Random random = new Random(bits + 1);
    for (int count = 0; count <= 40; count++) {
      List<byte[]> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        messages.add(random(random, random.nextInt(3000)));
      }
      check(LaneSha256.of(bits), random, messages);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void equalsTheJdkForChunks(int bits) throws Exception {
    Random random = new Random(bits + 2);
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      messages.add(random(random, 256 << 10));
    }
    messages.add(random(random, 100_001)); // the last chunk of an image is shorter
    check(LaneSha256.of(bits), random, messages);
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void hashesTheExampleOfTheStandard(int bits) {
    ByteBuffer abc = ByteBuffer.wrap("abc".getBytes(StandardCharsets.US_ASCII));
    assertThat(HexFormat.of().formatHex(LaneSha256.of(bits).digests(List.of(abc)).getFirst()))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
