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
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Asks a peer which manifest of an image it has, and fetches one. <b>Thread:</b> any; calls block.
 *
 * <p><b>Errors:</b> {@link ProtocolException} if the peer says what cannot be true, any other
 * {@link IOException} if it does not answer in time or leaves.
 */
public final class ManifestClient {
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

  /**
   * Asks what the peer holds of an image: one small message each way. Empty if it holds nothing, or
   * stays busy.
   */
  public static Optional<Held> ask(Host host, PeerId peer, ImageId image)
      throws IOException, InterruptedException {
    ManifestAsk ask =
        new ManifestAsk(image, Optional.empty(), ManifestAsk.Kind.MANIFEST, Integer.MAX_VALUE);
    return exchange(
        host,
        peer,
        ask,
        (stream, answer) -> new Held(id(answer), (int) answer.lengthBytes(), answer.complete()));
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
    ManifestAsk ask = new ManifestAsk(image, Optional.of(manifest), ManifestAsk.Kind.MANIFEST, 0);
    return exchange(
        host,
        peer,
        ask,
        (stream, answer) -> {
          RawBody body = new RawBody("manifest", stream, answer.lengthBytes(), stopped);
          return read(stream, answer, body, image, manifest);
        });
  }

  /** What is made of an answer that is OK. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Stream stream, ManifestAnswer answer) throws IOException;
  }

  static <T> Optional<T> exchange(Host host, PeerId peer, ManifestAsk ask, Reader<T> reader)
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
      Stream stream, ManifestAnswer answer, RawBody body, ImageId image, ManifestId id)
      throws IOException {
    try {
      if (!id(answer).equals(id)) {
        throw new ProtocolException("another manifest than it was asked for");
      }
      Manifest manifest =
          Manifest.parse(
              body.read(Manifest.HEAD_BYTES, head -> check(head, answer.lengthBytes(), image)));
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

  /** The head tells another image and a wrong length before the rest is taken. */
  private static void check(ByteBuffer bytes, long length, ImageId image) throws ProtocolException {
    Manifest.Head head = Manifest.head(bytes);
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
  }
}
