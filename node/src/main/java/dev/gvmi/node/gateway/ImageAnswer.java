package dev.gvmi.node.gateway;

import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Answers a request for an image, for a client that ignores the status and takes whatever body
 * comes for the image: what cannot be brought to a good end is no answer but a reset, after which
 * the client tries again from where it was.
 *
 * <p><b>Thread:</b> any; blocks.
 *
 * <p><b>Source:</b> the exe-unit's HTTP client (awc 3.8).
 */
final class ImageAnswer {
  private static final int PIECE_BYTES = 256 << 10;

  private final ImageStore store;
  private final LiveImages live;
  private final RangeTrust trust;
  private final Duration headersWithin;

  ImageAnswer(ImageStore store, LiveImages live, RangeTrust trust, Duration headersWithin) {
    this.store = store;
    this.live = live;
    this.trust = trust;
    this.headersWithin = headersWithin;
  }

  void answer(Route.Image wanted, Exchange exchange) throws IOException, InterruptedException {
    ImageLease lease = store.lease(wanted.image());
    try (lease) {
      Optional<StoredImage> held = held(wanted.image());
      if (held.isPresent()) {
        fromStore(held.get(), exchange);
      } else {
        try (LiveImage.Reader reader = live.join(wanted.image(), wanted.origin())) {
          arriving(wanted.image(), reader, exchange);
        }
      }
    } catch (StoreException e) {
      throw new ImageGoneException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Looked at now: what changed on the disk is not held. */
  private Optional<StoredImage> held(ImageId id) {
    Optional<StoredImage> image = store.image(id);
    try {
      image.ifPresent(StoredImage::check);
      image.ifPresent(known -> trust.proven(id, known.manifestId().hashCode()));
      return image;
    } catch (StoreException changed) {
      return store.image(id);
    }
  }

  private void fromStore(StoredImage image, Exchange exchange)
      throws IOException, InterruptedException {
    Span span = begin(image.id(), image.sizeBytes(), exchange);
    if (span.end() > span.first()) {
      send(image, span.first(), span.end(), exchange);
      exchange.end();
    }
  }

  private void send(StoredImage image, long first, long end, Exchange exchange)
      throws IOException, InterruptedException {
    store.used(image.id());
    FileChannel file = FileChannel.open(image.file(), StandardOpenOption.READ);
    exchange.write(file, first, end - first);
  }

  private void arriving(ImageId id, LiveImage.Reader reader, Exchange exchange)
      throws IOException, InterruptedException {
    OptionalLong size = reader.size(headersWithin);
    if (size.isEmpty()) {
      ofUnknownSize(id, reader, exchange);
      return;
    }
    Span span = begin(id, size.getAsLong(), exchange);
    if (span.end() > span.first()) {
      stream(reader, span.first(), span.end(), exchange);
      exchange.end();
    }
  }

  /**
   * The headers must go out now, and the body may take as long as it likes: the client waits for
   * those only. It does not ask for a part of what it was given nothing of.
   */
  private void ofUnknownSize(ImageId id, LiveImage.Reader reader, Exchange exchange)
      throws IOException, InterruptedException {
    HttpHeaders headers = headers(id);
    if (exchange.isHead()) {
      exchange.headOnly(HttpResponseStatus.OK, headers);
      return;
    }
    if (!exchange.canBeChunked() || exchange.request().headers().contains(HttpHeaderNames.RANGE)) {
      throw new ImageGoneException("nobody has said yet how large image " + id + " is");
    }
    headers.set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    exchange.begin(HttpResponseStatus.OK, headers);
    stream(reader, 0, Long.MAX_VALUE, exchange);
    exchange.end();
  }

  private void stream(LiveImage.Reader reader, long first, long end, Exchange exchange)
      throws IOException, InterruptedException {
    long position = first;
    while (position < end) {
      switch (reader.next(position, end)) {
        case LiveImage.Piece.Proven proven -> {
          long to = Math.min(end, proven.image().sizeBytes());
          if (to > position) {
            finish(proven.image(), position, to, end == Long.MAX_VALUE, exchange);
          }
          return;
        }
        case LiveImage.Piece.Bytes bytes -> {
          int length = (int) Math.min(PIECE_BYTES, bytes.limit() - position);
          exchange.write(read(bytes, position, length));
          position += length;
        }
      }
    }
  }

  /** What is left of it. A body in chunks takes no file. */
  private void finish(StoredImage image, long from, long to, boolean chunked, Exchange exchange)
      throws IOException, InterruptedException {
    if (!chunked) {
      send(image, from, to, exchange);
      return;
    }
    for (long position = from; position < to; ) {
      int length = (int) Math.min(PIECE_BYTES, to - position);
      ByteBuf piece = PooledByteBufAllocator.DEFAULT.directBuffer(length);
      try {
        image.read(position, piece.nioBuffer(0, length));
        exchange.write(piece.writerIndex(length).retain());
      } finally {
        piece.release();
      }
      position += length;
    }
  }

  private static ByteBuf read(LiveImage.Piece.Bytes from, long position, int length) {
    ByteBuf piece = PooledByteBufAllocator.DEFAULT.directBuffer(length);
    try {
      from.from().read(position, piece.nioBuffer(0, length));
      return piece.writerIndex(length).retain();
    } finally {
      piece.release();
    }
  }

  /** What of the image goes into the body; nothing once the answer is given. */
  private record Span(long first, long end) {
    static final Span NONE = new Span(0, 0);
  }

  private Span begin(ImageId id, long size, Exchange exchange)
      throws IOException, InterruptedException {
    HttpHeaders headers = headers(id);
    return switch (range(id, size, exchange)) {
      case ByteRange.Whole whole ->
          begin(HttpResponseStatus.OK, headers, new Span(0, size), exchange);
      case ByteRange.Part(long first, long end) -> {
        headers.set(HttpHeaderNames.CONTENT_RANGE, "bytes " + first + "-" + (end - 1) + "/" + size);
        yield begin(HttpResponseStatus.PARTIAL_CONTENT, headers, new Span(first, end), exchange);
      }
      case ByteRange.Unsatisfiable none -> {
        headers.set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, 0);
        exchange.headOnly(HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers);
        yield Span.NONE;
      }
    };
  }

  private static Span begin(
      HttpResponseStatus code, HttpHeaders headers, Span span, Exchange exchange)
      throws IOException, InterruptedException {
    headers.set(HttpHeaderNames.CONTENT_LENGTH, span.end() - span.first());
    if (exchange.isHead() || span.end() == span.first()) {
      exchange.headOnly(code, headers);
      return Span.NONE;
    }
    exchange.begin(code, headers);
    return span;
  }

  /**
   * A range is for the content that the client has a part of, if it says which; and where ranges
   * are not offered, none is taken.
   */
  private ByteRange range(ImageId id, long size, Exchange exchange) {
    HttpHeaders asked = exchange.request().headers();
    String same = asked.get(HttpHeaderNames.IF_RANGE);
    boolean applies = trust.acceptsRanges(id) && (same == null || same.equals(tag(id)));
    return ByteRange.of(applies ? asked.get(HttpHeaderNames.RANGE) : null, size);
  }

  private HttpHeaders headers(ImageId id) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream");
    headers.set(HttpHeaderNames.ETAG, tag(id));
    if (trust.acceptsRanges(id)) {
      headers.set(HttpHeaderNames.ACCEPT_RANGES, "bytes");
    }
    return headers;
  }

  private static String tag(ImageId id) {
    return '"' + id.hex() + '"';
  }
}
