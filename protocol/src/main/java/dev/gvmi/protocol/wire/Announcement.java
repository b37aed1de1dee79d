package dev.gvmi.protocol.wire;

import com.google.protobuf.ByteString;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.proto.Announce;
import java.util.ArrayList;
import java.util.List;

/** Tells a connected peer which images are here now, and which are not any more. Immutable. */
public record Announcement(List<Gained> gained, List<ImageId> dropped) {
  /** Most images in one message, gained and dropped together. */
  public static final int MAX_ENTRIES = 256;

  public Announcement {
    gained = List.copyOf(gained);
    dropped = List.copyOf(dropped);
  }

  /**
   * An image that is here.
   *
   * @param sizeBytes of the whole image
   * @param complete all of it is here, and verified
   */
  public record Gained(ImageId image, ManifestId manifest, long sizeBytes, boolean complete) {}

  /** The payload, without length prefix. */
  public byte[] encode() {
    Announce.Builder message = Announce.newBuilder();
    gained.forEach(entry -> message.addGained(proto(entry)));
    dropped.forEach(image -> message.addDropped(ByteString.copyFrom(image.multihash())));
    return message.build().toByteArray();
  }

  private static Announce.Entry proto(Gained entry) {
    return Announce.Entry.newBuilder()
        .setImage(ByteString.copyFrom(entry.image().multihash()))
        .setManifestId(ByteString.copyFrom(entry.manifest().toBytes()))
        .setSize(entry.sizeBytes())
        .setComplete(entry.complete())
        .build();
  }

  /** Parses and checks a payload. */
  public static Announcement decode(byte[] payload) throws WireException {
    Announce message = Fields.parse(Announce.parser(), payload);
    Fields.number(
        "images announced", message.getGainedCount() + message.getDroppedCount(), 0, MAX_ENTRIES);
    List<Gained> gained = new ArrayList<>();
    for (Announce.Entry entry : message.getGainedList()) {
      gained.add(gained(entry));
    }
    List<ImageId> dropped = new ArrayList<>();
    for (ByteString image : message.getDroppedList()) {
      dropped.add(Fields.requiredImage(image));
    }
    return new Announcement(gained, dropped);
  }

  private static Gained gained(Announce.Entry entry) throws WireException {
    long size = entry.getSize();
    if (size < 1 || size > Geometry.MAX_SIZE_BYTES) {
      throw new WireException(
          "an image has 1 to "
              + Geometry.MAX_SIZE_BYTES
              + " bytes, not "
              + Long.toUnsignedString(size));
    }
    ManifestId manifest =
        Fields.manifest(entry.getManifestId())
            .orElseThrow(() -> new WireException("announced without the manifest's id"));
    return new Gained(Fields.requiredImage(entry.getImage()), manifest, size, entry.getComplete());
  }
}
