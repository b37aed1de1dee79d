package dev.gvmi.protocol.wire;

import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.proto.ManifestResponse;
import java.util.Optional;

/**
 * Answers {@link ManifestAsk}; with OK, {@code lengthBytes} minus the asked offset raw bytes
 * follow.
 *
 * @param complete whether the answerer has verified all of the image
 */
public record ManifestAnswer(
    Status status, Optional<ManifestId> manifest, long lengthBytes, boolean complete) {
  /** How it went. */
  public enum Status {
    OK,
    NOT_FOUND,
    BUSY
  }

  /** The payload, without length prefix. */
  public byte[] encode() {
    return ManifestResponse.newBuilder()
        .setStatus(
            switch (status) {
              case OK -> ManifestResponse.Status.OK;
              case NOT_FOUND -> ManifestResponse.Status.NOT_FOUND;
              case BUSY -> ManifestResponse.Status.BUSY;
            })
        .setManifestId(Fields.bytes(manifest))
        .setLength(lengthBytes)
        .setComplete(complete)
        .build()
        .toByteArray();
  }

  /** Parses and checks a payload. */
  public static ManifestAnswer decode(byte[] payload) throws WireException {
    ManifestResponse message = Fields.parse(ManifestResponse.parser(), payload);
    Status status =
        switch (message.getStatus()) {
          case OK -> Status.OK;
          case NOT_FOUND -> Status.NOT_FOUND;
          case BUSY -> Status.BUSY;
          case UNRECOGNIZED -> throw new WireException("unknown status of a manifest answer");
        };
    Optional<ManifestId> manifest = Fields.manifest(message.getManifestId());
    if (status == Status.OK && manifest.isEmpty()) {
      throw new WireException("manifest answered without its id");
    }
    int length = Fields.number("length", message.getLength(), 0, Manifest.MAX_BYTES);
    return new ManifestAnswer(status, manifest, length, message.getComplete());
  }
}
