package dev.gvmi.node.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request.
 *
 * @param contentType null without one
 * @param announcedBytes -1 if its length is not said
 * @param bytes blocks until they come; {@link IOException} if the client goes away or is too slow
 */
public record PushBody(@Nullable String contentType, long announcedBytes, InputStream bytes) {
  /** The same, no longer than that: {@link RefusedException} with 413. */
  PushBody atMost(long limitBytes) throws RefusedException {
    if (announcedBytes > limitBytes) {
      throw tooLarge(limitBytes);
    }
    return new PushBody(contentType, announcedBytes, new Bounded(bytes, limitBytes));
  }

  private static RefusedException tooLarge(long limitBytes) {
    return new RefusedException(413, "the request has more than " + limitBytes + " bytes");
  }

  private static final class Bounded extends FilterInputStream {
    private final long limit;
    private long left;

    Bounded(InputStream in, long limit) {
      super(in);
      this.limit = limit;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw tooLarge(limit);
      }
      return count;
    }
  }
}
