package dev.gvmi.node.fetch;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.origin.OriginBody;
import dev.gvmi.node.origin.OriginClient;
import dev.gvmi.node.origin.OriginException;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One image streamed once, in order, from its origin into the store. A connection that breaks is
 * made again, and goes on by a range request where the server knows these; else it all begins anew.
 *
 * <p><b>Thread:</b> a virtual one of its own; the methods are the fetching one's.
 */
final class OriginStream implements AutoCloseable {
  /** So often in a row a try may bring nothing new. */
  static final int MAX_VAIN = 5;

  /** So often a server may have nothing at all to say, before others have to help. */
  static final int MAX_SILENT = 3;

  /** So often a server may end at the same place before what it announced is a lie. */
  static final int MAX_SAME_END = 3;

  /** Connections for one image in all: a server that sends a byte at a time is of no use. */
  static final int MAX_CONNECTIONS = 1000;

  /** Room for an image of unknown length is reserved bit by bit. */
  static final long STEP_BYTES = 256L << 20;

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Parts parts;
  private final ImageId image;
  private final Origin origin;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Space.Reservation> rooms = new ArrayList<>();
  private long reservedBytes;
  private @Nullable String tag;
  private long best;
  private int vain;
  private long lastEnd = -1;
  private int sameEnd;

  /** Whether it waits for a name or an answer, which an interrupt need not end. */
  private volatile boolean asking = true;

  private volatile @Nullable OriginUrl url;
  private volatile @Nullable OrderedImport file;
  private volatile @Nullable OriginBody body;
  private volatile @Nullable End end;

  /** What a stream works with. */
  record Parts(
      ImageStore store,
      SegmentHasher hasher,
      Space space,
      Pace pace,
      RateGate origins,
      LongAdder receivedBytes) {}

  /** How it ended. */
  sealed interface End {
    record Done(StoredImage image) implements End {}

    /** The server is not there, or does not give the image. */
    record Failed(String reason) implements End {}

    /** What came is not the image. */
    record Wrong(String reason) implements End {}

    /** It failed here. */
    record Fault(RuntimeException cause) implements End {}

    record Stopped() implements End {}
  }

  private OriginStream(Parts parts, ImageId image, Origin origin) {
    this.parts = parts;
    this.image = image;
    this.origin = origin;
    this.thread =
        Thread.ofVirtual().name("origin-" + image.hex().substring(0, 8)).unstarted(this::run);
  }

  static OriginStream start(Parts parts, ImageId image, Origin origin) {
    OriginStream stream = new OriginStream(parts, image, origin);
    stream.thread.start();
    return stream;
  }

  /** Where the image is; empty while that is being looked up. */
  Optional<OriginUrl> url() {
    return Optional.ofNullable(url);
  }

  /** What has come, from the start; empty if nothing has, or it is over and deleted. */
  Optional<OrderedImport> file() {
    return Optional.ofNullable(file);
  }

  /** Empty while it goes on. */
  Optional<End> end() {
    return Optional.ofNullable(end);
  }

  private void run() {
    End how;
    try {
      OriginUrl found = origin.lookup().url();
      url = found;
      how = isStopped() ? new End.Stopped() : stream(found);
    } catch (OriginException e) {
      how = new End.Failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      how =
          isStopped()
              ? new End.Stopped()
              : new End.Fault(StoreException.of("fetch image " + image + " from its origin", e));
    } catch (RuntimeException e) {
      how = isStopped() ? new End.Stopped() : new End.Fault(e);
    } catch (InterruptedException e) {
      how = new End.Stopped();
    }
    end = isStopped() && !(how instanceof End.Done) ? new End.Stopped() : how;
  }

  private boolean isStopped() {
    return stop.getCount() == 0;
  }

  private End stream(OriginUrl from) throws IOException, InterruptedException {
    for (int connections = 0; connections < MAX_CONNECTIONS; connections++) {
      asking = true;
      try (OriginBody next = origin.client().open(from, range())) {
        asking = false;
        body = next;
        if (isStopped()) {
          return new End.Stopped();
        }
        begin(next);
        copy(next);
        return finish();
      } catch (OriginException e) {
        Optional<End> given = after(e);
        if (given.isPresent()) {
          return given.get();
        }
      }
      long pause = PAUSE.toNanos() << Math.min(vain - 1, 4);
      if (stop.await(pause, TimeUnit.NANOSECONDS)) {
        return new End.Stopped();
      }
    }
    return new End.Failed("its connections break too often");
  }

  private OriginClient.Range range() {
    OrderedImport here = file;
    return here == null || here.bytes() == 0
        ? OriginClient.Range.ALL
        : new OriginClient.Range(here.bytes(), OriginBody.UNKNOWN, tag);
  }

  /** A body that begins at 0 is another try, whatever came before. */
  private void begin(OriginBody next) throws IOException {
    OrderedImport here = file;
    if (here != null && next.offset() > 0) {
      long total = next.totalBytes();
      if (total != OriginBody.UNKNOWN && here.sizeBytes() > 0 && total != here.sizeBytes()) {
        throw new OriginException(
            OriginException.Kind.LASTING,
            "its length changed from " + here.sizeBytes() + " to " + total + " bytes");
      }
      return;
    }
    if (here != null) {
      file = null;
      here.close();
    }
    tag = next.tag();
    reserve(Math.max(0, next.totalBytes()));
    file = new OrderedImport(image, parts.store(), parts.hasher(), next.totalBytes());
  }

  /** So that there is room for so many bytes. */
  private void reserve(long bytes) {
    if (bytes <= reservedBytes) {
      return;
    }
    long more = Math.max(bytes - reservedBytes, 1);
    long manifest = new Geometry(image.algorithm(), bytes).manifestBytes();
    switch (parts.space().forFile(more + (rooms.isEmpty() ? manifest : 0), origin.trusted())) {
      case Space.Answer.Granted granted -> rooms.add(granted.reservation());
      case Space.Answer.Refused refused ->
          throw new StoreException(
              StoreException.Kind.NO_SPACE,
              "image "
                  + image
                  + " has "
                  + bytes
                  + " bytes or more at its origin, but "
                  + refused.why());
    }
    reservedBytes = bytes;
  }

  private void copy(OriginBody from) throws IOException, InterruptedException {
    OrderedImport to = file;
    if (to == null) {
      throw new IllegalStateException("nothing was begun");
    }
    byte[] piece = new byte[RateGate.MAX_PIECE_BYTES];
    while (!isStopped()) {
      int count = from.read(piece, parts.pace().pieceBytes());
      if (count < 0) {
        return;
      }
      parts.pace().pass(this, count);
      if (to.sizeBytes() < 0 && to.bytes() + count > reservedBytes) {
        reserve(Math.min(Geometry.MAX_SIZE_BYTES, reservedBytes + STEP_BYTES));
      }
      requireRoom();
      to.append(piece, count);
      parts.receivedBytes().add(count);
    }
    throw new InterruptedException("stopped");
  }

  private void requireRoom() {
    if (rooms.stream().anyMatch(Space.Reservation::isRevoked)) {
      throw new StoreException(
          StoreException.Kind.NO_SPACE,
          "image " + image + " had to make room for another: raise the quota");
    }
  }

  private End finish() throws IOException, InterruptedException {
    OrderedImport here = file;
    Optional<StoredImage> done = here == null ? Optional.empty() : here.finish();
    return done.<End>map(End.Done::new)
        .orElseGet(
            () -> new End.Wrong("what " + origin.name() + " sends does not hash to " + image));
  }

  /** Whether that was the last try. */
  private Optional<End> after(OriginException e) {
    if (isStopped()) {
      return Optional.of(new End.Stopped());
    }
    OrderedImport here = file;
    long bytes = here == null ? 0 : here.bytes();
    boolean came = bytes > best;
    best = Math.max(best, bytes);
    vain = came ? 1 : vain + 1;
    boolean cameToAnEnd = body != null;
    body = null;
    sameEnd = cameToAnEnd && bytes > 0 && bytes == lastEnd ? sameEnd + 1 : 1;
    lastEnd = cameToAnEnd ? bytes : lastEnd;
    return switch (e.kind()) {
      case SHORT -> Optional.of(shorter(bytes));
      case TOO_LONG -> Optional.of(new End.Wrong(told(e)));
      case LASTING -> Optional.of(new End.Failed(told(e)));
      case PASSING -> {
        if (sameEnd >= MAX_SAME_END) {
          yield Optional.of(shorter(bytes));
        }
        int most = best == 0 ? MAX_SILENT : MAX_VAIN;
        yield vain >= most ? Optional.of(new End.Failed(told(e))) : Optional.empty();
      }
    };
  }

  private End shorter(long bytes) {
    OrderedImport here = file;
    return new End.Wrong(
        "origin "
            + origin.name()
            + " announces "
            + (here == null ? 0 : here.sizeBytes())
            + " bytes, but has only "
            + bytes);
  }

  private String told(OriginException e) {
    return "origin " + origin.name() + ": " + e.getMessage();
  }

  /** Ends it, and waits for that; what came stays readable until {@link #close}. */
  void stop() {
    stop.countDown();
    thread.interrupt();
    OriginBody open = body;
    if (open != null) {
      open.close();
    }
    awaitStopped();
    rooms.forEach(Space.Reservation::close);
  }

  /**
   * For as long as it works on files; one that waits for a name server is left alone, and does
   * nothing more.
   */
  private void awaitStopped() {
    long start = System.nanoTime();
    boolean interrupted = false;
    while (thread.isAlive() && !(asking && System.nanoTime() - start > PATIENCE.toNanos())) {
      try {
        thread.join(LOOK);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    OrderedImport here = file;
    if (here != null) {
      try {
        here.close();
      } catch (IOException e) {
        throw StoreException.of("delete what came of image " + image, e);
      }
    }
  }
}
