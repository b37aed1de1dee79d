package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ImageTrailerTest {
  private static final String CONFIG =
      "{\"Hostname\":\"abc\",\"Domainname\":\"\",\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"sh\"],"
          + "\"Image\":\"deadbeef\",\"Volumes\":{\"/golem/work\":{}},\"WorkingDir\":\"/golem/work\","
          + "\"Entrypoint\":null}";

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  @Test
  void encodesTheVectorsOfTheReference() {
    assertThat(HexFormat.of().formatHex(bytes(new ImageTrailer("{}").encode())))
        .isEqualTo("43bfa6a37b7d3030303030303032");
    byte[] config = bytes(new ImageTrailer(CONFIG).encode());
    assertThat(HexFormat.of().formatHex(config)).startsWith("36f4010b");
    assertThat(new String(config, StandardCharsets.US_ASCII)).endsWith("00000160");
  }

  @Test
  void readsBackWhatItWrites() throws Exception {
    ByteBuffer trailer = new ImageTrailer(CONFIG).encode();
    ByteBuffer last = trailer.slice(trailer.limit() - 8, 8);
    assertThat(ImageTrailer.bytesOf(last, 4096 + trailer.limit())).isEqualTo(trailer.limit());
    assertThat(ImageTrailer.parse(trailer).json()).isEqualTo(CONFIG);
  }

  @Test
  void refusesWhatIsNoTrailer() {
    assertInvalid("0000016x", 1000, "no .gvmi trailer");
    assertInvalid("+0000160", 1000, "no .gvmi trailer");
    assertInvalid("00000160", 171, "no .gvmi trailer");
    assertInvalid("99999999", Long.MAX_VALUE, "more than 1048576");
    assertInvalid("160", 1000, "no .gvmi trailer");
  }

  private static void assertInvalid(String last, long fileBytes, String why) {
    ByteBuffer bytes = ByteBuffer.wrap(last.getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> ImageTrailer.bytesOf(bytes, fileBytes))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining(why);
  }

  @Test
  void seesEveryFlippedBit() {
    byte[] good = bytes(new ImageTrailer("{\"Cmd\":[\"sh\"]}").encode());
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] damaged = good.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> ImageTrailer.parse(ByteBuffer.wrap(damaged)))
          .isInstanceOf(InvalidImageException.class);
    }
  }

  @Test
  void refusesEveryTruncation() {
    byte[] good = bytes(new ImageTrailer(CONFIG).encode());
    for (int length = 0; length < good.length; length++) {
      ByteBuffer head = ByteBuffer.wrap(good, 0, length);
      assertThatThrownBy(() -> ImageTrailer.parse(head)).isInstanceOf(InvalidImageException.class);
    }
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    ByteBuffer trailer = new ImageTrailer("{\"a\":1}").encode();
    byte[] bytes = bytes(trailer);
    bytes[5] = (byte) 0xff;
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(bytes, 4, bytes.length - 12);
    ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt((int) crc.getValue());
    assertThatThrownBy(() -> ImageTrailer.parse(ByteBuffer.wrap(bytes)))
        .hasMessageContaining("UTF-8");
  }

  @Test
  void superblocksOfRandomBytesAreRefusedInOneWay() {
    Random random = new Random(7);
    byte[] head = new byte[SquashfsHeader.BYTES];
    for (int i = 0; i < 20_000; i++) {
      random.nextBytes(head);
      head[0] = 'h';
      head[1] = 's';
      head[2] = 'q';
      head[3] = 's';
      head[28] = 4;
      head[29] = 0;
      head[30] = 0;
      head[31] = 0;
      try {
        SquashfsHeader header = SquashfsHeader.parse(ByteBuffer.wrap(head), 1 << 20);
        assertThat(header.bytesUsed()).isBetween(96L, 1L << 20);
      } catch (InvalidImageException e) {
        assertThat(e.getMessage()).doesNotContain("\n").startsWith("it");
      }
    }
  }
}
