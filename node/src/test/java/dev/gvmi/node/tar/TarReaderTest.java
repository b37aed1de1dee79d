package dev.gvmi.node.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.tar.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class TarReaderTest {
  private static final TarEntry FULL =
      new TarEntry(
          "d/" + "n".repeat(150) + "\u00e9",
          Kind.FILE,
          04755,
          3_000_000_000L,
          2_097_152,
          1_700_000_000,
          5,
          "",
          0,
          0,
          new TreeMap<>(
              java.util.Map.of("security.capability", "\u0001\0\0\u0002\u00ff\n=", "user.e", "")));

  private static byte[] write(TarEntry entry, String content) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      TarWriter tar = new TarWriter(out);
      tar.put(entry);
      tar.write(content.getBytes(ISO_8859_1), content.length());
      tar.finish();
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<TarEntry> read(byte[] bytes, TarLimits limits) throws IOException {
    TarReader tar = new TarReader(new ByteArrayInputStream(bytes), limits);
    List<TarEntry> all = new ArrayList<>();
    for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
      all.add(entry.get());
    }
    return all;
  }

  private static List<TarEntry> read(byte[] bytes) throws IOException {
    return read(bytes, TarLimits.DEFAULT);
  }

  /** A header as GNU tar 1.34 writes it, by hand. */
  private static byte[] header(String name, char type, String size, String magic) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 108, "0001750\0");
    put(header, 116, "0000144\0");
    put(header, 124, size);
    put(header, 136, "14371573400\0");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, magic);
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] block(String content) {
    return Arrays.copyOf(content.getBytes(ISO_8859_1), 512);
  }

  @Test
  void readsAHeaderOfGnuTar() throws IOException {
    byte[] tar =
        join(header("etc/motd", '0', "00000000003\0", "ustar  \0"), block("hi\n"), new byte[1024]);

    assertThat(read(tar))
        .containsExactly(
            new TarEntry(
                "etc/motd",
                Kind.FILE,
                0644,
                1000,
                100,
                1_676_080_896L,
                3,
                "",
                0,
                0,
                new TreeMap<>()));
  }

  @Test
  void readsGnuLongNamesAndSizesInBase256() throws IOException {
    String name = "long/".repeat(40) + "x";
    byte[] tar =
        join(
            header("././@LongLink", 'L', String.format("%011o\0", name.length() + 1), "ustar  \0"),
            block(name),
            header("long/", '0', "\u0080\0\0\0\0\0\0\0\0\0\0\u0002", "ustar  \0"),
            block("ab"),
            new byte[1024]);

    assertThat(read(tar))
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.name()).isEqualTo(name);
          assertThat(entry.sizeBytes()).isEqualTo(2);
        });
  }

  @Test
  void readsBackWhatTheWriterWritesBinaryAttributesIncluded() throws IOException {
    assertThat(read(write(FULL, "hello"))).containsExactly(FULL);
  }

  @Test
  void readsBackEveryKind() throws IOException {
    for (Kind kind : Kind.values()) {
      boolean link = kind == Kind.HARD_LINK || kind == Kind.SYMBOLIC_LINK;
      boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
      TarEntry entry =
          new TarEntry(
              kind == Kind.FOLDER ? "a/" : "a",
              kind,
              01777,
              7,
              8,
              9,
              0,
              link ? "t".repeat(200) : "",
              device ? 4095 : 0,
              device ? 255 : 0,
              new TreeMap<>());
      assertThat(read(write(entry, ""))).containsExactly(entry);
    }
  }

  @Test
  void aFileOverFourGibibytesAndOneOverEightKeepTheirSizes() throws IOException {
    for (long size : new long[] {(4L << 30) + 1, (8L << 30) + 1}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new TarWriter(out).put(TarEntry.of("big", Kind.FILE, 0644, 0, size));
      TarReader tar =
          new TarReader(
              new SequenceInputStream(
                  new ByteArrayInputStream(out.toByteArray()),
                  new ByteArrayInputStream(new byte[10])),
              TarLimits.DEFAULT);
      assertThat(tar.next().orElseThrow().sizeBytes()).isEqualTo(size);
    }
  }

  @Test
  void whatIsCutAnywhereIsTruncatedUnlessOnlyTheEndMarkIsMissing() {
    byte[] whole = write(FULL, "hello");
    for (int length = 1; length < whole.length - 1024; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).as("cut at %d", length).isInstanceOf(TarException.class);
    }
  }

  @Test
  void theEndIsMarkedOrNot() throws IOException {
    byte[] whole = write(TarEntry.of("a", Kind.FOLDER, 0755, 0, 0), "");
    for (boolean marked : new boolean[] {true, false}) {
      byte[] bytes = marked ? whole : Arrays.copyOf(whole, whole.length - 1024);
      TarReader tar = new TarReader(new ByteArrayInputStream(bytes), TarLimits.DEFAULT);
      while (tar.next().isPresent()) {
        assertThat(tar.remainingBytes()).isZero();
      }
      assertThat(tar.endMarked()).isEqualTo(marked);
    }
  }

  @Test
  void refusesOneOverEachLimit() throws IOException {
    byte[] tar = write(TarEntry.of("n".repeat(120), Kind.FILE, 0644, 0, 3), "abc");
    TarLimits exact = new TarLimits(120, 130, 130);
    assertThat(read(tar, exact)).hasSize(1);
    assertRefused(tar, new TarLimits(119, 130, 130), "a name has 120 bytes");
    assertRefused(tar, new TarLimits(120, 129, 130), "an extended header has 130 bytes");
    assertRefused(tar, new TarLimits(120, 130, 2), "an entry says");
  }

  private static void assertRefused(byte[] tar, TarLimits limits, String why) {
    assertThatThrownBy(() -> read(tar, limits))
        .isInstanceOf(TarException.class)
        .hasMessageContaining(why);
  }

  @Test
  void refusesSparseFilesUnknownTypesAndDamagedHeaders() {
    byte[] zeros = new byte[1024];
    String none = "00000000000\0";
    assertRefused(join(header("a", 'S', none, "ustar  \0"), zeros), TarLimits.DEFAULT, "--sparse");
    assertRefused(
        join(header("a", 'V', none, "ustar  \0"), zeros), TarLimits.DEFAULT, "unknown type");
    assertRefused(
        join(header("a", '0', "0000000000z\0", "ustar  \0"), zeros),
        TarLimits.DEFAULT,
        "no number");
    byte[] flipped = header("a", '0', none, "ustar  \0");
    flipped[3] ^= 1;
    assertRefused(join(flipped, zeros), TarLimits.DEFAULT, "checksum");
    assertRefused(block("no tar at all"), TarLimits.DEFAULT, "checksum");
  }

  @Test
  void refusesDamagedExtendedHeaders() {
    for (String records :
        List.of(
            "x",
            "5 a=b",
            "99 path=b\n",
            "6 a=b\nX",
            "6 ab  \n",
            "0 =\n",
            "9 size=x\n",
            "16 GNU.sparse.a=\n",
            "11 path=\0\0\n\n")) {
      byte[] tar =
          join(
              header("pax", 'x', String.format("%011o\0", records.length()), "ustar\0" + "00"),
              block(records),
              header("a", '0', "00000000000\0", "ustar\0" + "00"),
              new byte[1024]);
      assertThatThrownBy(() -> read(tar)).as(records).isInstanceOf(TarException.class);
    }
  }

  @Test
  void readsAttributesOfLibarchive() throws IOException {
    String records = ExtendedHeader.format("LIBARCHIVE.xattr.user.a%3db", "AQA");
    byte[] tar =
        join(
            header("pax", 'x', String.format("%011o\0", records.length()), "ustar\0" + "00"),
            block(records),
            header("a", '0', "00000000000\0", "ustar\0" + "00"),
            new byte[1024]);
    assertThat(read(tar).getFirst().xattrs())
        .containsExactly(java.util.Map.entry("user.a=b", "\u0001\0"));
  }

  @Test
  void mutatedTarsAreRefusedInOneWay() {
    Random random = new Random(11);
    byte[] whole = write(FULL, "hello");
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = whole.clone();
      for (int j = random.nextInt(4); j >= 0; j--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      TarReaderFuzzTest.check(mutated);
    }
  }
}
