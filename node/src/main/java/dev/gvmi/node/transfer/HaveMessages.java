package dev.gvmi.node.transfer;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.HaveUpdate;
import dev.gvmi.protocol.wire.WireLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Makes the messages of {@code /gvmi/have}. Pure. */
final class HaveMessages {
  private HaveMessages() {}

  /** The first messages of a side: everything at once if complete, else the bitmap in pieces. */
  static List<HaveUpdate> opening(ImageId image, Optional<Holding> holding) {
    Optional<ManifestId> manifest = holding.map(held -> held.manifest().id());
    if (holding.isEmpty() || holding.get().complete()) {
      return List.of(
          update(Optional.of(image), manifest, holding.isPresent(), 0, new byte[0], List.of()));
    }
    byte[] bitmap = holding.get().chunks().toByteArray();
    List<HaveUpdate> pieces = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(bitmap.length, from + WireLimits.MAX_BITMAP_PIECE_BYTES);
      pieces.add(
          update(
              from == 0 ? Optional.of(image) : Optional.empty(),
              manifest,
              false,
              from * 8,
              Arrays.copyOfRange(bitmap, from, to),
              List.of()));
      from = to;
    } while (from < bitmap.length);
    return pieces;
  }

  /** What {@code fresh} has, as far as it goes into a message; it is added to {@code told}. */
  static HaveUpdate handed(
      Optional<ImageId> image, ManifestId manifest, BitSet fresh, BitSet told) {
    return new HaveUpdate(
        image,
        Optional.of(manifest),
        false,
        0,
        new byte[0],
        List.of(),
        List.of(),
        List.of(),
        ranges(fresh, told));
  }

  /** The chunks that an update says are handed to others. */
  static BitSet handed(HaveUpdate update, int chunkCount) {
    BitSet handed = new BitSet();
    update.handed().forEach(range -> set(handed, range, chunkCount, true));
    return handed;
  }

  /** Whether an update tells anything of what is held. */
  static boolean tellsOfChunks(HaveUpdate update) {
    return update.complete()
        || update.bitmap().length > 0
        || !update.gained().isEmpty()
        || !update.lost().isEmpty();
  }

  /** What {@code now} has and {@code before} had not. */
  static HaveUpdate gained(ManifestId manifest, BitSet before, BitSet now, boolean complete) {
    BitSet fresh = (BitSet) now.clone();
    fresh.andNot(before);
    List<HaveUpdate.Range> ranges = ranges(fresh, before);
    return update(Optional.empty(), Optional.of(manifest), complete, 0, new byte[0], ranges);
  }

  private static List<HaveUpdate.Range> ranges(BitSet fresh, BitSet told) {
    List<HaveUpdate.Range> ranges = new ArrayList<>();
    for (int i = fresh.nextSetBit(0); i >= 0 && ranges.size() < HaveUpdate.MAX_RANGES; ) {
      int end = fresh.nextClearBit(i);
      ranges.add(new HaveUpdate.Range(i, end - i));
      told.set(i, end);
      i = fresh.nextSetBit(end);
    }
    return ranges;
  }

  /** Others that hold it. */
  static HaveUpdate holders(List<byte[]> records) {
    return new HaveUpdate(
        Optional.empty(), Optional.empty(), false, 0, new byte[0], List.of(), List.of(), records);
  }

  private static HaveUpdate update(
      Optional<ImageId> image,
      Optional<ManifestId> manifest,
      boolean complete,
      int offset,
      byte[] bitmap,
      List<HaveUpdate.Range> gained) {
    return new HaveUpdate(image, manifest, complete, offset, bitmap, gained, List.of(), List.of());
  }

  /** Applies an update to what is known of a peer. */
  static void apply(HaveUpdate update, int chunkCount, BitSet known) {
    if (update.complete()) {
      known.set(0, chunkCount);
      return;
    }
    BitSet piece = BitSet.valueOf(update.bitmap());
    for (int i = piece.nextSetBit(0); i >= 0; i = piece.nextSetBit(i + 1)) {
      long chunk = (long) update.offset() + i;
      if (chunk < chunkCount) {
        known.set((int) chunk);
      }
    }
    update.gained().forEach(range -> set(known, range, chunkCount, true));
    update.lost().forEach(range -> set(known, range, chunkCount, false));
  }

  private static void set(BitSet known, HaveUpdate.Range range, int chunkCount, boolean value) {
    int from = Math.min(range.first(), chunkCount);
    int to = (int) Math.min((long) range.first() + range.count(), chunkCount);
    known.set(from, to, value);
  }
}
