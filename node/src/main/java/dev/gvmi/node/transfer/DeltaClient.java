package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.InvalidDeltaIndexException;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Asks a peer for the delta index of an image. <b>Thread:</b> any; calls block.
 *
 * <p><b>Errors:</b> {@link ProtocolException} if what it says is no delta index of the image, any
 * other {@link IOException} if it does not answer in time or leaves.
 */
public final class DeltaClient {
  private DeltaClient() {}

  /**
   * Fetches the delta index of the image that a manifest describes.
   *
   * @param coming is run when the peer begins to show it
   * @param stopped looked at as bytes come: true ends it with an {@link IOException}
   * @return empty if the peer has none, or stays busy
   */
  public static Optional<DeltaIndex> fetch(
      Host host, PeerId peer, Manifest manifest, Runnable coming, BooleanSupplier stopped)
      throws IOException, InterruptedException {
    ManifestAsk ask =
        new ManifestAsk(manifest.image(), Optional.of(manifest.id()), ManifestAsk.Kind.DELTA, 0);
    return ManifestClient.exchange(
        host,
        peer,
        ask,
        (stream, answer) -> {
          try {
            return read(
                new RawBody("delta index", stream, answer.lengthBytes(), stopped),
                answer,
                manifest,
                coming);
          } catch (InvalidDeltaIndexException e) {
            stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
            ProtocolException malformed = new ProtocolException(e.getMessage());
            malformed.initCause(e);
            throw malformed;
          } catch (ProtocolException e) {
            stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
            throw e;
          }
        });
  }

  private static DeltaIndex read(
      RawBody body, ManifestAnswer answer, Manifest manifest, Runnable coming) throws IOException {
    DeltaIndex.Head expected =
        new DeltaIndex.Head(manifest.image(), manifest.geometry().sizeBytes());
    if (!expected.allows(answer.lengthBytes())) {
      throw new ProtocolException("a delta index of " + answer.lengthBytes() + " bytes");
    }
    ByteBuffer bytes =
        body.read(
            DeltaIndex.HEAD_BYTES,
            head -> {
              if (!DeltaIndex.head(head).equals(expected)) {
                throw new ProtocolException("a delta index of another image");
              }
              coming.run();
            });
    return DeltaIndex.parse(bytes);
  }
}
