package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.image.SquashfsHeader.Compression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/** The beginning and the end of an image file. */
final class ImageFileFuzzTest {
  /** Checksum and length of what is between them, so that the rest of the reader is reached too. */
  private static byte[] sealed(byte[] input) {
    if (input.length < 12) {
      return input;
    }
    byte[] all = input.clone();
    CRC32 crc = new CRC32();
    crc.update(all, 4, all.length - 12);
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(0, (int) crc.getValue());
    byte[] length =
        String.format(Locale.ROOT, "%08d", all.length - 12).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(length, 0, all, all.length - 8, 8);
    return all;
  }

  private static void readTrailer(byte[] all) {
    Fuzz.input(
        all,
        InvalidImageException.class,
        input -> ImageTrailer.parse(ByteBuffer.wrap(input)),
        (input, trailer) -> {
          assertThat(trailer.encode()).isEqualTo(ByteBuffer.wrap(input));
          ByteBuffer last = ByteBuffer.wrap(input, input.length - 8, 8);
          assertThat(ImageTrailer.bytesOf(last, input.length)).isEqualTo(input.length);
        });
  }

  @FuzzTest
  void trailer(byte[] input) {
    readTrailer(input);
    readTrailer(sealed(input));
  }

  /** The last eight bytes, then one that says how long the file is. */
  @FuzzTest
  void trailerLength(byte[] input) {
    long file = input.length > 8 ? input[8] << 14 : Long.MAX_VALUE;
    Fuzz.input(
        Arrays.copyOf(input, Math.min(8, input.length)),
        InvalidImageException.class,
        last -> ImageTrailer.bytesOf(ByteBuffer.wrap(last), file),
        (last, bytes) ->
            assertThat((long) bytes)
                .isBetween(12L, Math.min(file, 12 + ImageTrailer.MAX_JSON_BYTES)));
  }

  private static void checkHead(byte[] input, SquashfsHeader header, long file) {
    ByteBuffer in = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(header.bytesUsed()).isEqualTo(in.getLong(40)).isBetween(96L, file);
    assertThat(header.blockBytes()).isEqualTo(in.getInt(12)).isBetween(1 << 12, 1 << 20);
    assertThat(header.inodes()).isEqualTo(in.getInt(4) & 0xffff_ffffL);
    assertThat(header.compression()).isEqualTo(Compression.values()[in.getShort(20) - 1]);
  }

  /** A superblock, then a byte that says how long the file is. */
  @FuzzTest
  void squashfs(byte[] input) {
    long file =
        input.length > SquashfsHeader.BYTES ? (long) input[SquashfsHeader.BYTES] << 20 : 4096;
    Fuzz.input(
        input,
        InvalidImageException.class,
        head -> SquashfsHeader.parse(ByteBuffer.wrap(head), file),
        (head, header) -> checkHead(head, header, file));
  }
}
