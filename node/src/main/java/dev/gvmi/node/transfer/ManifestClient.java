package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.InvalidManifestException;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Asks a peer which manifest of an image it has, and fetches one. <b>Thread:</b> any; calls block.
 *
 * <p><b>Errors:</b> {@link ProtocolException} if the peer says what cannot be true, any other {@link IOException} if it does
 * not answer in time or leaves.
 */
public final class ManifestClient {
  private static final int PIECE_BYTES = 256 << 10;

  /** A peer that is slower than this does not show its manifest. */
  private static final int LEAST_BYTES_PER_SECOND = 64 << 10;

  private static final Duration BUSY = Duration.ofMillis(250);
  private static final int BUSY_TRIES = 8;

  private ManifestClient() {}

  /**
   * What a peer says that it holds.
   *
   * @param manifestBytes how long the manifest is
   * @param complete it has verified all of the image
   */
  public record Held(ManifestId manifest, int manifestBytes, boolean complete) {}

  /** Asks what the peer holds of an image: one small message each way. Empty if it holds nothing, or stays busy. */
  public static Optional<Held> ask(Host host, PeerId peer, ImageId image)
      throws IOException, InterruptedException {
    ManifestAsk ask =
        new ManifestAsk(
            image, Optional.empty(), ManifestAsk.Kind.MANIFEST, Integer.MAX_VALUE);
    return exchange(
        host,
        peer,
        ask,
        (stream, answer) ->
            new Held(id(answer), (int) answer.lengthBytes(), answer.complete()));
  }

  /**
   * Fetches the manifest of this id and no other.
   *
   * @param stopped looked at as bytes come: true ends it with an {@link IOException}
   * @return empty if the peer does not have it, or stays busy
   */
  public static Optional<Manifest> fetch(
      Host host, PeerId peer, ImageId image, ManifestId manifest, BooleanSupplier stopped)
      throws IOException, InterruptedException {
    ManifestAsk ask =
        new ManifestAsk(image, Optional.of(manifest), ManifestAsk.Kind.MANIFEST, 0);
    return exchange(
        host,
        peer,
        ask,
        (stream, answer) -> {
          Body body = new Body(stream, answer.lengthBytes(), stopped);
          return read(stream, answer, body, image, manifest);
        });
  }

  /** What is made of an answer that is OK. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(Stream stream, ManifestAnswer answer) throws IOException;
  }

  private static <T> Optional<T> exchange(
      Host host, PeerId peer, ManifestAsk ask, Reader<T> reader)
      throws IOException, InterruptedException {
    for (int i = 0; i < BUSY_TRIES; i++) {
      try (Stream stream = host.newStream(peer, Protocols.STALL, Protocols.MANIFEST)) {
        stream.timeout(Protocols.STALL);
        Protocols.write(stream, ask.encode());
        stream.closeWrite();
        ManifestAnswer answer = ManifestAnswer.decode(Protocols.read(stream));
        switch (answer.status()) {
          case OK -> {
            return Optional.of(reader.read(stream, answer));
          }
          case NOT_FOUND -> {
            return Optional.empty();
          }
          case BUSY -> {
            // the peer answers others of ours: again, below
          }
        }
      }
      TimeUnit.NANOSECONDS.sleep(BUSY.toNanos());
    }
    return Optional.empty();
  }

  private static ManifestId id(ManifestAnswer answer) throws ProtocolException {
    return answer
        .manifest()
        .orElseThrow(() -> new ProtocolException("manifest answered without its id"));
  }

  private static Manifest read(
      Stream stream, ManifestAnswer answer, Body body, ImageId image, ManifestId id)
      throws IOException {
    try {
      if (!id(answer).equals(id)) {
        throw new ProtocolException("another manifest than it was asked for");
      }
      Manifest manifest = Manifest.parse(body.read(image));
      if (!manifest.id().equals(id)) {
        throw new ProtocolException("bytes that are not the manifest it named");
      }
      return manifest;
    } catch (InvalidManifestException e) {
      stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
      ProtocolException malformed = new ProtocolException(e.getMessage());
      malformed.initCause(e);
      throw malformed;
    } catch (ProtocolException e) {
      stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
      throw e;
    }
  }

  /** The bytes of a manifest on their way. Memory grows with what has come, not with what the peer says will come. */
  private static final class Body {
    private final Stream stream;
    private final int length;
    private final BooleanSupplier stopped;
    private final long deadline;

    Body(Stream stream, long lengthBytes, BooleanSupplier stopped) throws ProtocolException {
      if (lengthBytes < 1 || lengthBytes > Manifest.MAX_BYTES) {
        throw new ProtocolException("manifest of " + lengthBytes + " bytes");
      }
      this.stream = stream;
      this.length = (int) lengthBytes;
      this.stopped = stopped;
      Duration limit = Protocols.STALL.plusSeconds(length / LEAST_BYTES_PER_SECOND);
      this.deadline = System.nanoTime() + limit.toNanos();
    }

    /** The head tells another image and a wrong length before the rest is taken. */
    ByteBuffer read(ImageId image) throws IOException {
      ByteBuffer all = ByteBuffer.allocate(Math.min(length, PIECE_BYTES));
      fill(all.limit(Math.min(length, Manifest.HEAD_BYTES)));
      Manifest.Head head = Manifest.head(all.duplicate().flip());
      if (!head.image().equals(image)) {
        throw new ProtocolException("a manifest of another image");
      }
      if (head.geometry().manifestBytes() != length) {
        throw new ProtocolException(
            "a manifest of "
                + length
                + " bytes for an image of "
                + head.geometry().sizeBytes()
                + " bytes");
      }
      fill(all.limit(all.capacity()));
      while (all.capacity() < length) {
        int more = (int) Math.min(length, 2L * all.capacity());
        all = ByteBuffer.allocate(more).put(all.flip());
        fill(all);
      }
      return all.flip();
    }

    private void fill(ByteBuffer target) throws IOException {
      while (target.hasRemaining()) {
        if (stream.read(target) < 0) {
          throw new EOFException("the manifest ended early");
        }
        if (stopped.getAsBoolean()) {
          throw new IOException("the manifest is not needed any more");
        }
        if (System.nanoTime() - deadline > 0) {
          throw new SocketTimeoutException("the manifest comes too slowly");
        }
      }
    }
  }
}
