package dev.gvmi.node.origin;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * What a server sends of an image: its bytes from {@link #offset} on. They come as they are read.
 *
 * <p><b>Thread:</b> one reads; {@link #close} is any thread's, and ends a read.
 */
public final class OriginBody implements AutoCloseable {
  /** What the server does not say. */
  public static final long UNKNOWN = -1;

  private final Source source;
  private final InputStream in;
  private final long offset;
  private final long total;
  private final long end;
  private final @Nullable String tag;
  private long position;

  /**
   * What it comes by.
   *
   * @param ended is run when it is over
   */
  record Source(HttpGet request, ClassicHttpResponse response, Runnable ended) {}

  /**
   * A body that is about to come.
   *
   * @param offset where in the image it begins
   * @param end where it ends at the latest
   * @param total length of the image, or {@link #UNKNOWN}
   */
  OriginBody(Source source, long offset, long end, long total) throws IOException {
    this.source = source;
    ClassicHttpResponse response = source.response();
    HttpEntity entity = response.getEntity();
    this.in = entity == null ? InputStream.nullInputStream() : entity.getContent();
    this.offset = offset;
    this.position = offset;
    this.end = end;
    this.total = total;
    Header header = response.getFirstHeader("ETag");
    String text = header == null ? null : header.getValue();
    this.tag = text == null || text.startsWith("W/") ? null : text;
  }

  public long offset() {
    return offset;
  }

  /** Length of the whole image, as the server says; {@link #UNKNOWN} if it does not. */
  public long totalBytes() {
    return total;
  }

  /** The server's strong ETag; null if there is none. */
  public @Nullable String tag() {
    return tag;
  }

  /**
   * The next bytes; -1 when all that were to come have.
   *
   * @throws OriginException of kind PASSING if the connection broke, and TOO_LONG if more come than
   *     may
   */
  public int read(byte[] target, int length) throws IOException {
    try {
      int count = in.read(target, 0, length);
      if (count < 0) {
        requireWhole();
        return -1;
      }
      position += count;
      if (position > end) {
        throw new OriginException(
            OriginException.Kind.TOO_LONG, "more than " + end + " bytes came");
      }
      return count;
    } catch (OriginException e) {
      throw e;
    } catch (InterruptedIOException e) {
      throw new OriginException(OriginException.Kind.PASSING, "nothing came for too long", e);
    } catch (IOException e) {
      throw new OriginException(
          OriginException.Kind.PASSING,
          "the connection broke after "
              + position
              + " bytes: "
              + Objects.requireNonNullElse(e.getMessage(), e.toString()),
          e);
    }
  }

  private void requireWhole() throws OriginException {
    if (total != UNKNOWN && position < Math.min(end, total)) {
      throw new OriginException(
          OriginException.Kind.PASSING, "it ended after " + position + " bytes");
    }
  }

  /** Ends it; a connection that has more to give is not used again. Idempotent. */
  @Override
  public void close() {
    if (position < end && position != total) {
      source.request().cancel();
    }
    try {
      source.response().close();
    } catch (IOException e) {
      source.request().cancel();
    } finally {
      source.ended().run();
    }
  }
}
