package dev.gvmi.node.trial;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CpioTest {
  private static final int MAX_FILE_BYTES = 5;
  private static final int SIZE_AT = 6 + 6 * 8;

  private static byte[] archive(String content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Cpio.Writer writer = new Cpio.Writer(out);
    writer.folder("etc").file("etc/issue", 0644, content.getBytes(ISO_8859_1)).finish();
    return out.toByteArray();
  }

  private static List<String> read(byte[] archive) throws IOException {
    List<String> files = new ArrayList<>();
    Cpio.read(
        new ByteArrayInputStream(archive),
        MAX_FILE_BYTES,
        (name, content) -> files.add(name + " " + new String(content, ISO_8859_1)));
    return files;
  }

  @Test
  void readsTheFilesThatWereWritten() throws IOException {
    assertThat(read(archive("hello"))).containsExactly("etc/issue hello");
  }

  @Test
  void refusesAFileThatIsOneByteTooLong() {
    assertThatThrownBy(() -> read(archive("hello!"))).isInstanceOf(IOException.class);
  }

  @Test
  void refusesAnArchiveThatIsCutAnywhere() throws IOException {
    byte[] whole = archive("hello");
    for (int length = 0; length < whole.length - 3; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).as("cut at %d", length).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0000001", "+0000001", "0000000g", "       1"})
  void refusesASizeThatIsNoHexNumber(String size) throws IOException {
    byte[] archive = archive("");
    System.arraycopy(size.getBytes(ISO_8859_1), 0, archive, SIZE_AT, 8);
    assertThatThrownBy(() -> read(archive))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }
}
