package dev.gvmi.protocol.wire;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A message of each kind, with the bytes that stand for it on the wire. */
final class WireSamples {
  static final ImageId IMAGE = ImageId.parseHex("ab".repeat(28));
  static final ManifestId MANIFEST = ManifestId.parseHex("cd".repeat(32));

  private static final String IMAGE_FIELD = "0a1e171c" + "ab".repeat(28);
  private static final String MANIFEST_FIELD = "1220" + "cd".repeat(32);

  private WireSamples() {}

  /** A decoder of one message. */
  interface Decoder {
    Object decode(byte[] payload) throws WireException;
  }

  /**
   * A message, its encoding, and golden bytes made by hand from the field numbers of docs/protocol.
   */
  record Sample(String name, Object message, byte[] encoded, String golden, Decoder decoder) {
    byte[] bytes() {
      return HexFormat.of().parseHex(golden);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Sample> all() {
    List<Sample> all = new ArrayList<>();
    all.addAll(manifestAsks());
    all.addAll(manifestAnswers());
    all.addAll(haves());
    all.addAll(chunkMessages());
    all.addAll(chunkAnswers());
    all.addAll(announcements());
    return all;
  }

  static List<Sample> manifestAsks() {
    return List.of(
        ask(Optional.of(MANIFEST), ManifestAsk.Kind.DELTA, 300, MANIFEST_FIELD + "180120ac02"),
        ask(Optional.empty(), ManifestAsk.Kind.MANIFEST, 0, ""));
  }

  private static Sample ask(
      Optional<ManifestId> manifest, ManifestAsk.Kind kind, long offset, String golden) {
    ManifestAsk ask = new ManifestAsk(IMAGE, manifest, kind, offset);
    return new Sample("ask " + kind, ask, ask.encode(), IMAGE_FIELD + golden, ManifestAsk::decode);
  }

  static List<Sample> manifestAnswers() {
    return List.of(
        answer(
            new ManifestAnswer(ManifestAnswer.Status.OK, Optional.of(MANIFEST), 12_345, true),
            MANIFEST_FIELD + "18b9602001"),
        answer(
            new ManifestAnswer(ManifestAnswer.Status.NOT_FOUND, Optional.empty(), 0, false),
            "0801"),
        answer(new ManifestAnswer(ManifestAnswer.Status.BUSY, Optional.empty(), 0, false), "0802"));
  }

  private static Sample answer(ManifestAnswer answer, String golden) {
    return new Sample(
        "manifest " + answer.status(), answer, answer.encode(), golden, ManifestAnswer::decode);
  }

  static List<Sample> haves() {
    HaveUpdate first =
        new HaveUpdate(
            Optional.of(IMAGE),
            Optional.of(MANIFEST),
            false,
            8,
            new byte[] {1, 2, (byte) 0x83},
            List.of(),
            List.of(),
            List.of());
    HaveUpdate next =
        new HaveUpdate(
            Optional.empty(),
            Optional.empty(),
            true,
            0,
            new byte[0],
            List.of(new HaveUpdate.Range(100, 5), new HaveUpdate.Range(0, 300)),
            List.of(new HaveUpdate.Range(4, 1)),
            List.of(new byte[] {(byte) 0xbe, (byte) 0xef}));
    HaveUpdate handed =
        new HaveUpdate(
            Optional.empty(),
            Optional.of(MANIFEST),
            false,
            0,
            new byte[0],
            List.of(),
            List.of(),
            List.of(),
            List.of(new HaveUpdate.Range(100, 5)));
    return List.of(
        have("handed", handed, MANIFEST_FIELD + "4a0408641005"),
        have("first", first, IMAGE_FIELD + MANIFEST_FIELD + "20082a03010283"),
        have("next", next, "18013204086410053203" + "10ac023a04080410014202beef"));
  }

  private static Sample have(String name, HaveUpdate update, String golden) {
    return new Sample("have " + name, update, update.encode(), golden, HaveUpdate::decode);
  }

  static List<Sample> chunkMessages() {
    ChunkAsk ask = new ChunkAsk(9, MANIFEST, 3, 4);
    ChunkAsk largeId = new ChunkAsk(-1, MANIFEST, 0, 1);
    ChunkCancel cancel = new ChunkCancel(9);
    return List.of(
        opener("request", ask, "0a280809" + MANIFEST_FIELD + "18032004"),
        opener(
            "request with the largest id",
            largeId,
            "0a2f08ffffffffffffffffff01" + MANIFEST_FIELD + "2001"),
        opener("cancel", cancel, "12020809"));
  }

  private static Sample opener(String name, ChunkMessage message, String golden) {
    return new Sample("chunk " + name, message, message.encode(), golden, ChunkMessage::decode);
  }

  static List<Sample> chunkAnswers() {
    return List.of(
        chunk(new ChunkAnswer(9, 3, ChunkAnswer.Status.OK, 262_144, 0), "0809100320808010"),
        chunk(new ChunkAnswer(9, 3, ChunkAnswer.Status.NOT_FOUND, 0, 0), "080910031801"),
        chunk(new ChunkAnswer(9, 3, ChunkAnswer.Status.BUSY, 0, 500), "08091003180228f403"),
        chunk(new ChunkAnswer(9, 3, ChunkAnswer.Status.CANCELLED, 0, 0), "080910031803"));
  }

  private static Sample chunk(ChunkAnswer answer, String golden) {
    return new Sample(
        "chunk " + answer.status(), answer, answer.encode(), golden, ChunkAnswer::decode);
  }

  static List<Sample> announcements() {
    Announcement.Gained complete = new Announcement.Gained(IMAGE, MANIFEST, 300, true);
    Announcement.Gained partial = new Announcement.Gained(IMAGE, MANIFEST, 1, false);
    return List.of(
        announcement(
            "gained",
            new Announcement(List.of(complete, partial), List.of()),
            "0a47"
                + IMAGE_FIELD
                + MANIFEST_FIELD
                + "18ac022001"
                + "0a44"
                + IMAGE_FIELD
                + MANIFEST_FIELD
                + "1801"),
        announcement(
            "dropped", new Announcement(List.of(), List.of(IMAGE)), "121e171c" + "ab".repeat(28)));
  }

  private static Sample announcement(String name, Announcement message, String golden) {
    return new Sample("announce " + name, message, message.encode(), golden, Announcement::decode);
  }
}
