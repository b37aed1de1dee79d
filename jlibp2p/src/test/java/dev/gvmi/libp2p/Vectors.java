package dev.gvmi.libp2p;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Test vectors from the resources, and inputs that are nearly right. */
public final class Vectors {
  private Vectors() {}

  public static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + name))) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  public static Stream<JsonNode> all(String name, String field) {
    return read(name).required(field).valueStream();
  }

  public static String text(JsonNode vector, String field) {
    return vector.required(field).asString();
  }

  public static byte[] hex(JsonNode vector, String field) {
    return HexFormat.of().parseHex(text(vector, field));
  }

  /** A copy with a few bytes changed, left out or put in. */
  public static byte[] mutated(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
      int at = random.nextInt(copy.length);
      switch (random.nextInt(4)) {
        case 0 -> copy[at] = (byte) random.nextInt();
        case 1 -> copy[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> copy = java.util.Arrays.copyOf(copy, at);
        default -> {
          byte[] longer = java.util.Arrays.copyOf(copy, copy.length + 1);
          System.arraycopy(copy, at, longer, at + 1, copy.length - at);
          longer[at] = (byte) random.nextInt();
          copy = longer;
        }
      }
    }
    return copy;
  }
}
