import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * How much of one image a node that holds another has to fetch: {@code java SharedSpans.java OLD NEW}. Spans as in the delta index; a chunk of 256 KiB is fetched
 * unless spans of the old image cover it whole.
 */
final class SharedSpans {
  private static final int MIN = 16 << 10;
  private static final int NORMAL = 64 << 10;
  private static final int MAX = 512 << 10;
  private static final int CHUNK = 256 << 10;

  /** Takes a span of the image. */
  private interface Sink {
    void span(int offset, int length, ByteBuffer id);
  }

  public static void main(String[] files) throws Exception {
    Set<ByteBuffer> held = new HashSet<>();
    spans(Files.readAllBytes(Path.of(files[0])), (offset, length, id) -> held.add(id));
    byte[] image = Files.readAllBytes(Path.of(files[1]));
    int[] covered = new int[(image.length + CHUNK - 1) / CHUNK];
    spans(
        image,
        (offset, length, id) -> {
          for (int at = offset; held.contains(id) && at < offset + length; ) {
            int end = Math.min(offset + length, (at / CHUNK + 1) * CHUNK);
            covered[at / CHUNK] += end - at;
            at = end;
          }
        });
    long fetched = 0;
    long shared = 0;
    for (int i = 0; i < covered.length; i++) {
      int length = Math.min(CHUNK, image.length - i * CHUNK);
      shared += covered[i];
      fetched += covered[i] == length ? 0 : length;
    }
    System.out.printf(
        Locale.ROOT,
        "%d bytes, %.1f %% of them in spans of the old image; fetched: %d bytes, %.1f %%%n",
        image.length,
        100.0 * shared / image.length,
        fetched,
        100.0 * fetched / image.length);
  }

  private static void spans(byte[] image, Sink sink) throws Exception {
    long[] gear = gear();
    for (int start = 0; start < image.length; ) {
      int n = Math.min(image.length - start, MAX);
      int length = n;
      long h = 0;
      for (int i = MIN; i < n; i++) {
        h = (h << 1) + gear[image[start + i] & 0xff];
        if (h >>> (i < NORMAL ? 46 : 50) == 0) {
          length = i + 1;
          break;
        }
      }
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(image, start, length);
      sink.span(start, length, ByteBuffer.wrap(Arrays.copyOf(sha256.digest(), 16)));
      start += length;
    }
  }

  private static long[] gear() throws Exception {
    long[] gear = new long[256];
    for (int i = 0; i < gear.length; i++) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update("gvmi-gear-v1".getBytes(US_ASCII));
      gear[i] = ByteBuffer.wrap(sha256.digest(new byte[] {(byte) i})).getLong();
    }
    return gear;
  }
}
