package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
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
import java.util.Optional;
import java.util.function.Function;

/** Asks a peer for the manifest of an image. */
public final class ManifestClient {
  private static final int PIECE_BYTES = 256 << 10;

  private ManifestClient() {}

  /** A manifest and whether the peer says that it has all of the image. */
  public record Offer(PeerId peer, Manifest manifest, boolean complete) {}

  /**
   * Asks, and reads the answer unless {@code known} has that manifest already.
   *
   * @return empty if the peer does not hold the image, or is busy
   * @throws ProtocolException if what it sends is no manifest of this image
   */
  public static Optional<Offer> ask(
      Host host, PeerId peer, ImageId image, Function<ManifestId, Optional<Manifest>> known)
      throws IOException {
    try (Stream stream = host.newStream(peer, Protocols.STALL, Protocols.MANIFEST)) {
      stream.timeout(Protocols.STALL);
      ManifestAsk ask = new ManifestAsk(image, Optional.empty(), ManifestAsk.Kind.MANIFEST, 0);
      Protocols.write(stream, ask.encode());
      stream.closeWrite();
      ManifestAnswer answer = ManifestAnswer.decode(Protocols.read(stream));
      if (answer.status() != ManifestAnswer.Status.OK) {
        return Optional.empty();
      }
      ManifestId id =
          answer
              .manifest()
              .orElseThrow(() -> new ProtocolException("manifest answered without its id"));
      Optional<Manifest> held = known.apply(id);
      if (held.isPresent()) {
        stream.reset(StreamErrors.NONE.code());
        return Optional.of(new Offer(peer, held.get(), answer.complete()));
      }
      Manifest manifest = read(stream, answer.lengthBytes());
      if (!manifest.image().equals(image) || !manifest.id().equals(id)) {
        throw new ProtocolException("the manifest is another than the peer said");
      }
      return Optional.of(new Offer(peer, manifest, answer.complete()));
    }
  }

  /** Memory grows with what has come, not with what the peer says will come. */
  private static Manifest read(Stream stream, long length) throws IOException {
    if (length < 1 || length > Manifest.MAX_BYTES) {
      throw new ProtocolException("manifest of " + length + " bytes");
    }
    ByteBuffer all = ByteBuffer.allocate((int) Math.min(length, PIECE_BYTES));
    while (true) {
      LengthPrefixed.readFully(stream, all);
      if (all.capacity() == length) {
        break;
      }
      int more = (int) Math.min(length, 2L * all.capacity());
      all = ByteBuffer.allocate(more).put(all.flip());
    }
    try {
      return Manifest.parse(all.flip());
    } catch (InvalidManifestException e) {
      ProtocolException malformed = new ProtocolException(e.getMessage());
      malformed.initCause(e);
      throw malformed;
    }
  }
}
