package dev.gvmi.libp2p;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What two nodes of another implementation said to each other over a plain connection. */
public final class Capture {
  private Capture() {}

  /** A frame of yamux as it was recorded. */
  public record Frame(
      String type, String flags, int stream, long length, byte[] header, byte[] body) {
    @Override
    public String toString() {
      return type + " " + flags + " " + stream + " " + length;
    }
  }

  private static JsonNode direction(boolean fromDialler) {
    return Vectors.read("capture-plaintext.json")
        .required("directions")
        .required(fromDialler ? "d>l" : "l>d");
  }

  public static byte[] bytes(boolean fromDialler, String field) {
    return Vectors.hex(direction(fromDialler), field);
  }

  public static String peer(boolean dialler) {
    return Vectors.text(Vectors.read("capture-plaintext.json"), dialler ? "dialer" : "listener");
  }

  public static List<Frame> frames(boolean fromDialler) {
    return direction(fromDialler).required("yamux").valueStream().map(Capture::frame).toList();
  }

  private static Frame frame(JsonNode frame) {
    return new Frame(
        Vectors.text(frame, "type"),
        Vectors.text(frame, "flags"),
        frame.required("stream").asInt(),
        frame.required("length").asLong(),
        Vectors.hex(frame, "header"),
        HexFormat.of().parseHex(frame.path("body").asString("")));
  }

  /** The data frames of one stream, one after the other. */
  public static Stream<byte[]> bodies(boolean fromDialler, int stream) {
    return frames(fromDialler).stream()
        .filter(frame -> frame.type().equals("DATA") && frame.stream() == stream)
        .map(Frame::body);
  }

  /** The message with which one side told of itself, its length in front. */
  public static byte[] identify(boolean ofDialler) {
    return bodies(ofDialler, ofDialler ? 2 : 1)
        .filter(body -> body.length > 100)
        .findFirst()
        .orElseThrow();
  }
}
