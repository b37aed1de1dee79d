package dev.gvmi.protocol.wire;

import com.google.protobuf.ByteString;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.proto.ManifestRequest;
import java.util.Optional;

/**
 * Asks for the manifest or the delta index of an image.
 *
 * @param manifest this one and no other, or any
 * @param offset bytes that are here already
 */
public record ManifestAsk(ImageId image, Optional<ManifestId> manifest, Kind kind, long offset) {
  /** What is asked for. */
  public enum Kind {
    MANIFEST,
    DELTA
  }

  /** The payload, without length prefix. */
  public byte[] encode() {
    return ManifestRequest.newBuilder()
        .setImage(ByteString.copyFrom(image.multihash()))
        .setManifestId(Fields.bytes(manifest))
        .setKind(
            switch (kind) {
              case MANIFEST -> ManifestRequest.Kind.MANIFEST;
              case DELTA -> ManifestRequest.Kind.DELTA;
            })
        .setOffset(offset)
        .build()
        .toByteArray();
  }

  /** Parses and checks a payload. */
  public static ManifestAsk decode(byte[] payload) throws WireException {
    ManifestRequest message = Fields.parse(ManifestRequest.parser(), payload);
    Kind kind =
        switch (message.getKind()) {
          case MANIFEST -> Kind.MANIFEST;
          case DELTA -> Kind.DELTA;
          case UNRECOGNIZED -> throw new WireException("unknown kind of manifest request");
        };
    int offset = Fields.number("offset", message.getOffset(), 0, Integer.MAX_VALUE);
    return new ManifestAsk(
        Fields.requiredImage(message.getImage()),
        Fields.manifest(message.getManifestId()),
        kind,
        offset);
  }
}
