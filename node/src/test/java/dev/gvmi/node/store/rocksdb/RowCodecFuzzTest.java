package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.node.store.file.ImageRow;
import dev.gvmi.node.store.file.ProgressRow;
import dev.gvmi.node.store.file.UseRow;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import dev.gvmi.protocol.image.ImageId;

/** A row that is damaged is refused in one way, or is a row. */
final class RowCodecFuzzTest {
  private static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));

  private static void reading(Runnable read) {
    try {
      read.run();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest
  void key(byte[] input) {
    if (Prefix.IMAGE.isOf(input)) {
      reading(() -> assertThat(RowCodec.key(Prefix.IMAGE, RowCodec.image(input))).isEqualTo(input));
    }
  }

  @FuzzTest
  void imageRow(byte[] input) {
    reading(() -> {
      ImageRow row = RowCodec.decodeImage(IMAGE, input);
      assertThat(RowCodec.encode(row)).isEqualTo(input);
    });
  }

  @FuzzTest
  void useRow(byte[] input) {
    reading(() -> {
      UseRow row = RowCodec.decodeUse(IMAGE, input);
      assertThat(RowCodec.encode(row)).isEqualTo(input);
    });
  }

  @FuzzTest
  void progressRow(byte[] input) {
    reading(() -> {
      ProgressRow row = RowCodec.decodeProgress(IMAGE, input);
      byte[] written = RowCodec.encode(row);
      assertThat(written).hasSizeLessThanOrEqualTo(input.length);
      assertThat(RowCodec.decodeProgress(IMAGE, written)).isEqualTo(row);
    });
  }
}
