package dev.gvmi.node.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.node.advice.ListedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Files and output of programs that others made: an initial RAM disk, a program's head, a listing.
 */
final class GuestFilesFuzzTest {
  private static final int MAX_BYTES = 4096;

  @FuzzTest
  void cpio(byte[] input) {
    try {
      Cpio.read(
          new ByteArrayInputStream(input),
          MAX_BYTES,
          (name, content) -> assertThat(content.length).isLessThanOrEqualTo(MAX_BYTES));
    } catch (IOException e) {
      assertThat(e).isNotNull();
    }
  }

  @FuzzTest
  void program(byte[] input) {
    boolean is = StaticProgram.is(ByteBuffer.wrap(input));
    assertThat(is && input.length < 64).isFalse();
  }

  @FuzzTest
  void listing(byte[] input) {
    ListedFile.parse(new String(input, StandardCharsets.UTF_8))
        .ifPresent(file -> assertThat(file.sizeBytes()).isNotNegative());
  }
}
