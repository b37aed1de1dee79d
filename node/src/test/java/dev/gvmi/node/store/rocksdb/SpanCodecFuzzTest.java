package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.node.store.file.DeltaRow;
import dev.gvmi.node.store.file.SpanTable.Place;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanCutter;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class SpanCodecFuzzTest {
  private static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));
  private static final Span SPAN =
      new Span(0x0102030405L, 0x10001, new SpanId(0x1122334455667788L, -1));
  private static final String KEY = "53" + "1122334455667788" + "ffffffffffffffff" + "00000007";
  private static final String ROW = "0000000102030405" + "00010001";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void spansAreTheBytesOfTheShape() {
    assertThat(SpanCodec.key(SPAN.id(), 7)).isEqualTo(hex(KEY));
    assertThat(SpanCodec.prefix(SPAN.id())).isEqualTo(hex(KEY.substring(0, 34)));
    assertThat(SpanCodec.row(SPAN)).isEqualTo(hex(ROW));
    assertThat(SpanCodec.id(hex(KEY))).isEqualTo(SPAN.id());
    assertThat(SpanCodec.number(hex(KEY))).isEqualTo(7);
    assertThat(SpanCodec.place(hex(KEY), hex(ROW)))
        .isEqualTo(new Place(7, SPAN.offsetBytes(), SPAN.lengthBytes()));
  }

  @Test
  void deltaRowsAreTheBytesOfTheShape() {
    DeltaRow row = new DeltaRow(IMAGE, 7, 0x102, true);
    assertThat(SpanCodec.encode(row)).isEqualTo(hex("00000007" + "00000102" + "01"));
    assertThat(SpanCodec.decode(IMAGE, SpanCodec.encode(row))).isEqualTo(row);
    DeltaRow half = new DeltaRow(IMAGE, 7, 0x102, false);
    assertThat(SpanCodec.decode(IMAGE, SpanCodec.encode(half))).isEqualTo(half);
  }

  @Test
  void refusesEveryCutAndOneByteMore() {
    byte[] delta = hex("000000070000010201");
    for (int length = 0; length <= delta.length + 1; length++) {
      byte[] cut = Arrays.copyOf(delta, length);
      if (length != delta.length) {
        assertThatThrownBy(() -> SpanCodec.decode(IMAGE, cut))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    for (int length = 0; length <= hex(ROW).length + 1; length++) {
      byte[] cut = Arrays.copyOf(hex(ROW), length);
      if (length != hex(ROW).length) {
        assertThatThrownBy(() -> SpanCodec.place(hex(KEY), cut))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    for (int length = 0; length <= hex(KEY).length + 1; length++) {
      byte[] cut = Arrays.copyOf(hex(KEY), length);
      assertThat(SpanCodec.isKey(cut)).isEqualTo(length == hex(KEY).length);
      if (length != hex(KEY).length) {
        assertThatThrownBy(() -> SpanCodec.place(cut, hex(ROW)))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void refusesNumbersThatCannotBe() {
    for (String row :
        new String[] {
          "ffffffffffffffff00000001",
          "7fffffffffffffff00000001",
          "000000000000000000000000",
          "000000000000000000080001"
        }) {
      assertThatThrownBy(() -> SpanCodec.place(hex(KEY), hex(row)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String row :
        new String[] {"ffffffff0000000001", "00000001ffffffff01", "000000010000000102"}) {
      assertThatThrownBy(() -> SpanCodec.decode(IMAGE, hex(row)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @FuzzTest
  void rowsAreReadOrRefused(byte[] input) {
    try {
      DeltaRow row = SpanCodec.decode(IMAGE, input);
      assertThat(SpanCodec.encode(row)).isEqualTo(input);
    } catch (IllegalArgumentException e) {
      assertThat(e).isNotInstanceOf(NumberFormatException.class);
    }
    try {
      Place place = SpanCodec.place(hex(KEY), input);
      assertThat(place.lengthBytes()).isBetween(1, SpanCutter.MAX_BYTES);
      assertThat(place.offsetBytes()).isNotNegative();
    } catch (IllegalArgumentException e) {
      assertThat(e).isNotInstanceOf(NumberFormatException.class);
    }
  }
}
