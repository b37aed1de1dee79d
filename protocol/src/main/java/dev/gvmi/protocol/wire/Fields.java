package dev.gvmi.protocol.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.Optional;

/** Checks that fields of several messages share. */
final class Fields {
  /** 64 GiB in chunks of 256 KiB. */
  static final int MAX_CHUNKS = 1 << 18;

  private Fields() {}

  static <M extends Message> M parse(Parser<M> parser, byte[] payload) throws WireException {
    try {
      return parser.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new WireException("malformed message: " + e.getMessage(), e);
    }
  }

  static Optional<ImageId> image(ByteString multihash) throws WireException {
    if (multihash.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ImageId.fromMultihash(multihash.toByteArray()));
    } catch (IllegalArgumentException e) {
      throw new WireException(String.valueOf(e.getMessage()), e);
    }
  }

  static ImageId requiredImage(ByteString multihash) throws WireException {
    return image(multihash).orElseThrow(() -> new WireException("message names no image"));
  }

  static Optional<ManifestId> manifest(ByteString id) throws WireException {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ManifestId.fromBytes(id.toByteArray()));
    } catch (IllegalArgumentException e) {
      throw new WireException(String.valueOf(e.getMessage()), e);
    }
  }

  static ByteString bytes(Optional<ManifestId> manifest) {
    return manifest.map(id -> ByteString.copyFrom(id.toBytes())).orElse(ByteString.EMPTY);
  }

  /** The index of a chunk. */
  static int chunk(String name, int value) throws WireException {
    return number(name, value, 0, MAX_CHUNKS - 1);
  }

  /** How many chunks from {@code first} on: none behind the largest image. */
  static int chunks(int value, int first, int most) throws WireException {
    return number("count", value, 1, Math.min(most, MAX_CHUNKS - first));
  }

  /** An uint32 or uint64 field that must be from {@code least} to {@code most}. */
  static int number(String name, long value, int least, int most) throws WireException {
    if (value < least || value > most) {
      throw new WireException(
          name + " is " + Long.toUnsignedString(value) + ", not " + least + " to " + most);
    }
    return (int) value;
  }

  static int number(String name, int value, int least, int most) throws WireException {
    return number(name, Integer.toUnsignedLong(value), least, most);
  }
}
