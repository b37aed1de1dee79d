package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.file.FileStamp;
import dev.gvmi.node.store.file.ImageRow;
import dev.gvmi.node.store.file.ProgressRow;
import dev.gvmi.node.store.file.UseRow;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class RowCodecTest {
  private static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));
  private static final ManifestId MANIFEST = manifestId();
  private static final ImageRow IMAGE_ROW =
      new ImageRow(
          IMAGE, MANIFEST, new FileStamp(1, 2, -3, 4, 5), Instant.ofEpochSecond(6, 999_999_999));
  private static final ProgressRow PROGRESS_ROW =
      new ProgressRow(IMAGE, MANIFEST, TestFiles.bits(0, 3, 8), TestFiles.bits(1));

  private static ManifestId manifestId() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 0xcd);
    return ManifestId.fromBytes(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void aKeyIsItsPrefixAndTheMultihash() {
    byte[] key = RowCodec.key(Prefix.PROGRESS, IMAGE);
    assertThat(hex(key)).isEqualTo("50" + "171c" + "ab".repeat(28));
    assertThat(RowCodec.image(key)).isEqualTo(IMAGE);
    assertThat(Prefix.PROGRESS.isOf(key)).isTrue();
    assertThat(Prefix.IMAGE.isOf(key)).isFalse();
    assertThat(Prefix.IMAGE.isOf(new byte[0])).isFalse();
  }

  @Test
  void refusesAKeyOfNoImage() {
    byte[] key = RowCodec.key(Prefix.IMAGE, IMAGE);
    for (int length = 1; length < key.length; length++) {
      byte[] cut = Arrays.copyOf(key, length);
      assertThatThrownBy(() -> RowCodec.image(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    key[1] = -1;
    assertThatThrownBy(() -> RowCodec.image(key)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anImageRowHasTheDocumentedBytes() {
    assertThat(hex(RowCodec.encode(IMAGE_ROW)))
        .isEqualTo(
            "cd".repeat(32)
                + "0000000000000006"
                + "3b9ac9ff"
                + "0000000000000001"
                + "0000000000000002"
                + "fffffffffffffffd"
                + "0000000000000004"
                + "00000005");
  }

  @Test
  void readsBackAnImageRow() {
    assertThat(RowCodec.decodeImage(IMAGE, RowCodec.encode(IMAGE_ROW))).isEqualTo(IMAGE_ROW);
  }

  @Test
  void refusesAnImageRowOfAnotherLengthOrTime() {
    byte[] row = RowCodec.encode(IMAGE_ROW);
    for (int length = 0; length <= row.length + 1; length++) {
      byte[] other = Arrays.copyOf(row, length);
      if (length != row.length) {
        assertThatThrownBy(() -> RowCodec.decodeImage(IMAGE, other))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    ByteBuffer.wrap(row).putLong(32, Long.MAX_VALUE);
    assertThatThrownBy(() -> RowCodec.decodeImage(IMAGE, row))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aProgressRowHasTheDocumentedBytes() {
    assertThat(hex(RowCodec.encode(PROGRESS_ROW)))
        .isEqualTo("cd".repeat(32) + "00000002" + "0901" + "00000001" + "02");
  }

  @Test
  void readsBackAProgressRow() {
    assertThat(RowCodec.decodeProgress(IMAGE, RowCodec.encode(PROGRESS_ROW)))
        .isEqualTo(PROGRESS_ROW);
    ProgressRow empty = new ProgressRow(IMAGE, MANIFEST, TestFiles.bits(), TestFiles.bits());
    assertThat(RowCodec.decodeProgress(IMAGE, RowCodec.encode(empty))).isEqualTo(empty);
  }

  @Test
  void refusesAProgressRowThatIsCutOrTooLong() {
    byte[] row = RowCodec.encode(PROGRESS_ROW);
    for (int length = 0; length <= row.length + 1; length++) {
      byte[] other = Arrays.copyOf(row, length);
      if (length != row.length) {
        assertThatThrownBy(() -> RowCodec.decodeProgress(IMAGE, other))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void aUseRowHasTheDocumentedBytesAndReadsBack() {
    UseRow pinned = new UseRow(IMAGE, true, Instant.ofEpochSecond(258));
    assertThat(hex(RowCodec.encode(pinned))).isEqualTo("01" + "0000000000000102");
    assertThat(RowCodec.decodeUse(IMAGE, RowCodec.encode(pinned))).isEqualTo(pinned);
    UseRow precise = new UseRow(IMAGE, false, Instant.ofEpochSecond(258, 5));
    assertThat(RowCodec.decodeUse(IMAGE, RowCodec.encode(precise)))
        .isEqualTo(new UseRow(IMAGE, false, Instant.ofEpochSecond(258)));
  }

  @Test
  void refusesAUseRowOfAnotherLengthFlagOrTime() {
    byte[] row = RowCodec.encode(new UseRow(IMAGE, true, Instant.EPOCH));
    for (int length = 0; length <= row.length + 1; length++) {
      byte[] other = Arrays.copyOf(row, length);
      if (length != row.length) {
        assertThatThrownBy(() -> RowCodec.decodeUse(IMAGE, other))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    byte[] flags = row.clone();
    flags[0] = 2;
    assertThatThrownBy(() -> RowCodec.decodeUse(IMAGE, flags))
        .isInstanceOf(IllegalArgumentException.class);
    ByteBuffer.wrap(row).putLong(1, Long.MIN_VALUE);
    assertThatThrownBy(() -> RowCodec.decodeUse(IMAGE, row))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesABitmapThatIsLongerThanItsRow() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 8}) {
      byte[] row = RowCodec.encode(PROGRESS_ROW);
      ByteBuffer.wrap(row).putInt(32, length);
      assertThatThrownBy(() -> RowCodec.decodeProgress(IMAGE, row))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
