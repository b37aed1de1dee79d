package dev.gvmi.protocol.wire;

import com.google.protobuf.ByteString;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.proto.Have;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Tells which chunks of an image a side holds. Immutable; arrays are copied in and out.
 *
 * <p><b>Shape:</b> bit i of byte i/8 of the bitmap, least significant first, is chunk {@code
 * offset} + i.
 *
 * @param image in the first message of each side
 * @param manifest what the bitmap counts under
 * @param complete every chunk is here
 * @param handed chunks that were sent to somebody lately, or are about to be: others will have them
 *     soon
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out
public record HaveUpdate(
    Optional<ImageId> image,
    Optional<ManifestId> manifest,
    boolean complete,
    int offset,
    byte[] bitmap,
    List<Range> gained,
    List<Range> lost,
    List<byte[]> holders,
    List<Range> handed) {
  /** Most ranges in a list. */
  public static final int MAX_RANGES = 4096;

  /** Most holders in a message. */
  public static final int MAX_HOLDERS = 16;

  /** Longest signed record of one. */
  public static final int MAX_HOLDER_BYTES = 2 << 10;

  public HaveUpdate {
    bitmap = bitmap.clone();
    gained = List.copyOf(gained);
    lost = List.copyOf(lost);
    holders = holders.stream().map(byte[]::clone).toList();
    handed = List.copyOf(handed);
  }

  /** One that tells nothing of what was handed. */
  public HaveUpdate(
      Optional<ImageId> image,
      Optional<ManifestId> manifest,
      boolean complete,
      int offset,
      byte[] bitmap,
      List<Range> gained,
      List<Range> lost,
      List<byte[]> holders) {
    this(image, manifest, complete, offset, bitmap, gained, lost, holders, List.of());
  }

  /** Chunks {@code first} to {@code first + count - 1}. */
  public record Range(int first, int count) {}

  @Override
  public byte[] bitmap() {
    return bitmap.clone();
  }

  @Override
  public List<byte[]> holders() {
    return holders.stream().map(byte[]::clone).toList();
  }

  /** The payload, without length prefix. */
  public byte[] encode() {
    Have.Builder message =
        Have.newBuilder()
            .setManifestId(Fields.bytes(manifest))
            .setComplete(complete)
            .setOffset(offset)
            .setBitmap(ByteString.copyFrom(bitmap));
    image.ifPresent(id -> message.setImage(ByteString.copyFrom(id.multihash())));
    gained.forEach(range -> message.addGained(proto(range)));
    lost.forEach(range -> message.addLost(proto(range)));
    holders.forEach(holder -> message.addHolders(ByteString.copyFrom(holder)));
    handed.forEach(range -> message.addHanded(proto(range)));
    return message.build().toByteArray();
  }

  private static dev.gvmi.protocol.wire.proto.Range proto(Range range) {
    return dev.gvmi.protocol.wire.proto.Range.newBuilder()
        .setFirst(range.first())
        .setCount(range.count())
        .build();
  }

  /** Parses and checks a payload. */
  public static HaveUpdate decode(byte[] payload) throws WireException {
    Have message = Fields.parse(Have.parser(), payload);
    Fields.number(
        "bitmap length", message.getBitmap().size(), 0, WireLimits.MAX_BITMAP_PIECE_BYTES);
    Fields.number("holders", message.getHoldersCount(), 0, MAX_HOLDERS);
    List<byte[]> holders = new ArrayList<>();
    for (ByteString holder : message.getHoldersList()) {
      Fields.number("holder record length", holder.size(), 1, MAX_HOLDER_BYTES);
      holders.add(holder.toByteArray());
    }
    return new HaveUpdate(
        Fields.image(message.getImage()),
        Fields.manifest(message.getManifestId()),
        message.getComplete(),
        Fields.chunk("offset", message.getOffset()),
        message.getBitmap().toByteArray(),
        ranges(message.getGainedList()),
        ranges(message.getLostList()),
        holders,
        ranges(message.getHandedList()));
  }

  private static List<Range> ranges(List<dev.gvmi.protocol.wire.proto.Range> list)
      throws WireException {
    Fields.number("ranges", list.size(), 0, MAX_RANGES);
    List<Range> ranges = new ArrayList<>();
    for (dev.gvmi.protocol.wire.proto.Range range : list) {
      int first = Fields.chunk("first", range.getFirst());
      ranges.add(new Range(first, Fields.chunks(range.getCount(), first, Fields.MAX_CHUNKS)));
    }
    return ranges;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HaveUpdate update && Arrays.equals(update.encode(), encode());
  }

  @Override
  public int hashCode() {
    return Objects.hash(image, manifest, complete, offset, Arrays.hashCode(bitmap));
  }
}
