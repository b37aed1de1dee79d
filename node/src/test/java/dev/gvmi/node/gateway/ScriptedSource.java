package dev.gvmi.node.gateway;

import dev.gvmi.node.fetch.Arriving;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.fetch.ProgressSink;
import dev.gvmi.node.fetch.ReadPosition;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Fetches as the test says, step by step. */
final class ScriptedSource implements ImageSource {
  final BlockingQueue<Fetch> begun = new LinkedBlockingQueue<>();
  final List<Optional<OriginUrl>> origins = Collections.synchronizedList(new ArrayList<>());

  /** A fetch that was begun. */
  record Fetch(ImageId image, ReadPosition reader, ProgressSink sink, BlockingQueue<Object> end) {
    /** It ends with an outcome, or with an exception. */
    void ends(Object outcome) {
      end.add(outcome);
    }
  }

  /** Bytes that come when the test says so. */
  static final class Bytes implements Arriving {
    private final byte[] all;
    private final Optional<ManifestId> manifest;
    private volatile long here;

    Bytes(byte[] all) {
      this(all, Optional.empty());
    }

    Bytes(byte[] all, Optional<ManifestId> manifest) {
      this.all = all.clone();
      this.manifest = manifest;
    }

    Bytes have(long bytes) {
      here = bytes;
      return this;
    }

    @Override
    public Optional<ManifestId> manifest() {
      return manifest;
    }

    @Override
    public long sizeBytes() {
      return all.length;
    }

    @Override
    public long availableBytes(long offsetBytes) {
      return Math.max(0, here - offsetBytes);
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      target.put(all, (int) offsetBytes, target.remaining());
    }
  }

  @Override
  public FetchOutcome fetch(
      ImageId image, Optional<OriginUrl> origin, ReadPosition reader, ProgressSink sink)
      throws InterruptedException {
    origins.add(origin);
    Fetch fetch = new Fetch(image, reader, sink, new LinkedBlockingQueue<>());
    begun.add(fetch);
    return switch (fetch.end().take()) {
      case FetchOutcome outcome -> outcome;
      case RuntimeException e -> throw e;
      case Object other -> throw new IllegalStateException("no end of a fetch: " + other);
    };
  }
}
