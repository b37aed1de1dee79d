package dev.gvmi.node.fetch;

import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ChunkLink;
import dev.gvmi.node.transfer.ChunkSource;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The origin beside the peers of one fetch: it streams in order until peers have shown a manifest
 * that is tried, is one more source of that run, and streams anew, alone, when peers come to
 * nothing.
 *
 * <p><b>Thread:</b> the fetching one.
 */
final class OriginRace implements AutoCloseable {
  /** So often an image is streamed from the start. */
  static final int MAX_STREAMS = 4;

  /** Where an image may be is not asked for longer than this once no peer is left to wait for. */
  static final Duration LOOKUP = Duration.ofSeconds(4);

  private static final Duration LOOK = Duration.ofMillis(10);
  private static final Duration TICK = Duration.ofMillis(100);

  private final OriginStream.Parts parts;
  private final ImageId image;
  private final @Nullable Origin origin;
  private final ProgressSink sink;
  private final long start = System.nanoTime();
  private long lastTick;
  private int streams;
  private @Nullable OriginStream stream;
  private @Nullable OrderedImport shown;

  OriginRace(OriginStream.Parts parts, ImageId image, @Nullable Origin origin, ProgressSink sink) {
    this.parts = parts;
    this.image = image;
    this.origin = origin;
    this.sink = sink;
  }

  /** Begins to stream from the start; false if there is no origin, or it was tried often enough. */
  boolean start() {
    Origin from = origin;
    boolean lies = end().filter(OriginRace::isLasting).isPresent();
    if (from == null || streams >= MAX_STREAMS || lies) {
      return false;
    }
    close();
    streams++;
    stream = OriginStream.start(parts, image, from);
    return true;
  }

  private static boolean isLasting(OriginStream.End end) {
    return switch (end) {
      case OriginStream.End.Failed failed -> true;
      case OriginStream.End.Wrong wrong -> true;
      case OriginStream.End.Fault fault -> true;
      case OriginStream.End.Done done -> false;
      case OriginStream.End.Stopped stopped -> false;
    };
  }

  private Optional<OriginStream.End> end() {
    OriginStream known = stream;
    return known == null ? Optional.empty() : known.end();
  }

  /** Whether it may still bring the image by itself. */
  boolean isUnderWay() {
    OriginStream known = stream;
    return known != null
        && known.end().isEmpty()
        && (known.url().isPresent() || System.nanoTime() - start < LOOKUP.toNanos());
  }

  /** Whether it has brought the image. */
  boolean isDone() {
    return end().filter(OriginStream.End.Done.class::isInstance).isPresent();
  }

  /** Tells how far it is. To be called often. */
  void report() {
    OriginStream known = stream;
    OrderedImport file = known == null ? null : known.file().orElse(null);
    if (file == null || file.sizeBytes() <= 0) {
      return;
    }
    if (shown != file) {
      if (shown == null) {
        sink.note("bytes come from " + (origin == null ? "the origin" : origin.name()));
      }
      shown = file;
      sink.arriving(file);
    }
    long now = System.nanoTime();
    if (now - lastTick >= TICK.toNanos()) {
      lastTick = now;
      sink.progress(
          new ProgressSink.FetchProgress(
              ProgressSink.Phase.FETCHING,
              Math.min(file.bytes(), file.sizeBytes()),
              file.sizeBytes(),
              0));
    }
  }

  /** Waits until it has ended by itself. */
  void awaitEnd() throws InterruptedException {
    while (isUnderWay()) {
      report();
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
  }

  /** Stops streaming: what has come can be copied from then on. */
  void pause() {
    OriginStream known = stream;
    if (known != null) {
      known.stop();
    }
  }

  /** What has come in order; nothing is promised of it. */
  Optional<OrderedImport> prefix() {
    return Optional.ofNullable(stream).flatMap(OriginStream::file).filter(file -> file.bytes() > 0);
  }

  /**
   * The origin as a source of chunks; empty if there is none, or it is not known where, or it
   * failed.
   */
  Optional<ChunkSource> source(Manifest manifest, BufferPool buffers, ChunkLink.Listener listener) {
    Origin from = origin;
    Optional<OriginUrl> url = Optional.ofNullable(stream).flatMap(OriginStream::url);
    boolean failed = end().filter(OriginRace::isLasting).isPresent();
    return from == null || url.isEmpty() || failed
        ? Optional.empty()
        : Optional.of(
            OriginSource.open(
                new OriginSource.Place(from.client(), url.get(), parts.origins()),
                manifest,
                buffers,
                listener));
  }

  /** The image, if it has brought it. */
  Optional<FetchOutcome> complete() {
    return end()
        .map(end -> end instanceof OriginStream.End.Done done ? done.image() : null)
        .map(stored ->
            new FetchOutcome.Complete(stored, Map.of(OriginSource.NAME, stored.sizeBytes()), 0));
  }

  /** Why it did not bring the image: what came was wrong. */
  Optional<String> wrong() {
    return end().map(end -> end instanceof OriginStream.End.Wrong wrong ? wrong.reason() : null);
  }

  /** Why it did not bring the image: it is not there, or did not answer in time. */
  Optional<String> whyNot() {
    OriginStream known = stream;
    if (known == null) {
      return Optional.empty();
    }
    return Optional.of(
        switch (known.end().orElse(new OriginStream.End.Stopped())) {
          case OriginStream.End.Failed failed -> failed.reason();
          case OriginStream.End.Wrong wrong -> wrong.reason();
          case OriginStream.End.Fault fault -> String.valueOf(fault.cause().getMessage());
          case OriginStream.End.Done done -> "";
          case OriginStream.End.Stopped stopped ->
              (origin == null ? "the origin" : origin.name()) + " did not answer in time";
        });
  }

  /** What failed here, such as a full disk. */
  Optional<RuntimeException> fault() {
    return end().map(end -> end instanceof OriginStream.End.Fault fault ? fault.cause() : null);
  }

  @Override
  public void close() {
    OriginStream known = stream;
    stream = null;
    if (known != null) {
      known.close();
    }
  }
}
