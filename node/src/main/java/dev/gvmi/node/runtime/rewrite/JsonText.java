package dev.gvmi.node.runtime.rewrite;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON document some of whose strings can be replaced, all other bytes kept: spaces, order,
 * numbers, escapes. Immutable.
 *
 * <p>A string is known by its path: names and array indices joined by dots, so that {@code
 * {"a.b":[{"c":""}]}} and {@code {"a":{"b":[{"c":""}]}}} both have {@code a.b.0.c}.
 */
final class JsonText {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Deeper ones are nothing that anybody asks for: a stranger cannot make the paths of a document
   * larger than the document.
   */
  private static final int MAX_PATH_CHARS = 200;

  private static final String TOO_LONG = "\0";

  private final byte[] bytes;
  private final List<Text> texts;

  private JsonText(byte[] bytes, List<Text> texts) {
    this.bytes = bytes;
    this.texts = texts;
  }

  /**
   * A string in the document.
   *
   * @param from of its opening quote
   * @param to after its closing quote
   */
  record Text(String path, String value, int from, int to) {}

  /**
   * Reads UTF-8; what is no JSON, names a key twice or goes on after its end is refused.
   *
   * @param wanted paths that will be asked for
   */
  static JsonText parse(byte[] bytes, Predicate<String> wanted) throws InvalidDocumentException {
    List<Text> texts = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(bytes)) {
      Walk walk = new Walk();
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new InvalidDocumentException("it is empty");
      }
      while (token != null) {
        String path = walk.enter(token, parser);
        if (token == JsonToken.VALUE_STRING && wanted.test(path)) {
          texts.add(
              text(bytes, parser.currentTokenLocation().getByteOffset(), path, parser.getString()));
        }
        token = parser.nextToken();
        if (walk.isOver() && token != null) {
          throw new InvalidDocumentException("it goes on after its end");
        }
      }
    } catch (JacksonException e) {
      throw new InvalidDocumentException(
          "it is no JSON: "
              + String.valueOf(e.getOriginalMessage()).replaceAll("\\p{Cntrl}+", " "));
    }
    return new JsonText(bytes.clone(), List.copyOf(texts));
  }

  /** Where a parser is. */
  private static final class Walk {
    /** An object or array that is open: its path, and what of it comes now. */
    private static final class Level {
      final String path;
      final boolean array;
      int index = -1;
      String name = "";

      Level(String path, boolean array) {
        this.path = path;
        this.array = array;
      }
    }

    private final Deque<Level> open = new ArrayDeque<>();

    /** The path of what begins with this token; of no use for other tokens. */
    String enter(JsonToken token, JsonParser parser) {
      if (token.isStructEnd()) {
        open.removeLast();
        return TOO_LONG;
      }
      Level level = open.peekLast();
      if (token == JsonToken.PROPERTY_NAME && level != null) {
        level.name = parser.currentName();
        return TOO_LONG;
      }
      String path = level == null ? "" : child(level);
      if (token.isStructStart()) {
        open.addLast(new Level(path, token == JsonToken.START_ARRAY));
      }
      return path;
    }

    private static String child(Level level) {
      if (level.array) {
        level.index++;
      }
      String name = level.array ? Integer.toString(level.index) : level.name;
      boolean fits =
          level.path.length() + name.length() < MAX_PATH_CHARS && !level.path.equals(TOO_LONG);
      if (!fits) {
        return TOO_LONG;
      }
      return level.path.isEmpty() ? name : level.path + "." + name;
    }

    boolean isOver() {
      return open.isEmpty();
    }
  }

  private static Text text(byte[] bytes, long from, String path, String value)
      throws InvalidDocumentException {
    if (from < 0 || from >= bytes.length || bytes[(int) from] != '"') {
      throw new InvalidDocumentException("it is no UTF-8 text");
    }
    int end = (int) from + 1;
    while (end < bytes.length && bytes[end] != '"') {
      end += bytes[end] == '\\' ? 2 : 1;
    }
    return new Text(path, value, (int) from, end + 1);
  }

  /** All strings at a path: more than one if the document says it in two ways. */
  List<Text> at(String path) {
    return texts.stream().filter(text -> text.path().equals(path)).toList();
  }

  /** As a tree. */
  JsonNode tree() {
    return JSON.readTree(bytes);
  }

  /**
   * The document with other strings in these places.
   *
   * @param places in the order of the document
   */
  byte[] with(List<Text> places, String value) {
    byte[] written = JSON.writeValueAsBytes(value);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + written.length);
    int done = 0;
    for (Text place : places) {
      out.write(bytes, done, place.from() - done);
      out.writeBytes(written);
      done = place.to();
    }
    out.write(bytes, done, bytes.length - done);
    return out.toByteArray();
  }
}
