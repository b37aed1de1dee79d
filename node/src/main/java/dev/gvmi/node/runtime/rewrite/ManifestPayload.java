package dev.gvmi.node.runtime.rewrite;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The manifest of a computation (GAP-5) as an agreement carries it: base64 of JSON, or JSON quoted
 * as for a shell. Immutable.
 *
 * <p><b>Source:</b> yagna, utils/manifest-utils/src/{manifest,util}.rs: white space is dropped and
 * standard base64 tried, then snailquote; the first payload for x86_64 Linux, or for anything, with
 * URLs and a hash counts, and of it the first URL.
 */
final class ManifestPayload {
  private static final Pattern WANTED = Pattern.compile("payload\\.[0-9]+\\.(hash|urls\\.0)");

  private final JsonText document;
  private final int chosen;

  private ManifestPayload(JsonText document, int chosen) {
    this.document = document;
    this.chosen = chosen;
  }

  static ManifestPayload parse(String text) throws InvalidDocumentException {
    JsonText document = JsonText.parse(decoded(text), path -> WANTED.matcher(path).matches());
    return new ManifestPayload(document, chosen(document.tree()));
  }

  boolean hasPayload() {
    return chosen >= 0;
  }

  /** As the exe-unit puts it together. */
  String taskPackage() throws InvalidDocumentException {
    return "hash:" + only("hash").value() + ":" + only("urls.0").value();
  }

  /** Base64 of the manifest with another URL in the place of the one that counts. */
  String with(String url) {
    try {
      return Base64.getEncoder().encodeToString(document.with(List.of(only("urls.0")), url));
    } catch (InvalidDocumentException e) {
      throw new IllegalStateException("a manifest without a payload cannot be changed", e);
    }
  }

  private JsonText.Text only(String name) throws InvalidDocumentException {
    List<JsonText.Text> found = document.at("payload." + chosen + "." + name);
    if (found.size() != 1) {
      throw new InvalidDocumentException("the manifest's payload has no " + name);
    }
    return found.getFirst();
  }

  private static int chosen(JsonNode manifest) throws InvalidDocumentException {
    JsonNode payloads = manifest.path("payload");
    for (int i = 0; i < payloads.size(); i++) {
      JsonNode payload = payloads.path(i);
      if (!payload.path("hash").isString() || !payload.path("urls").isArray()) {
        throw new InvalidDocumentException(
            "payload " + i + " of the manifest has no hash or no URLs");
      }
      boolean named = !payload.path("urls").isEmpty() && !payload.path("hash").asString().isEmpty();
      if (named && isForHere(payload.path("platform"))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isForHere(JsonNode platform) {
    return platform.isMissingNode()
        || platform.isNull()
        || (platform.path("arch").asString("").equals("x86_64")
            && platform.path("os").asString("").equals("linux"));
  }

  private static byte[] decoded(String text) throws InvalidDocumentException {
    byte[] packed = text.replaceAll("\\s", "").getBytes(StandardCharsets.UTF_8);
    try {
      byte[] bytes = Base64.getDecoder().decode(packed);
      // Java's decoder takes what the runtime's does not: no padding, bits beyond the end.
      if (Arrays.equals(Base64.getEncoder().encode(bytes), packed)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      return unquoted(text).getBytes(StandardCharsets.UTF_8);
    }
    throw new InvalidDocumentException("the manifest is no standard base64");
  }

  /**
   * Of snailquote what JSON needs: nothing is special between single quotes; a backslash is,
   * between double quotes.
   */
  private static String unquoted(String text) throws InvalidDocumentException {
    StringBuilder out = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean opens = quote == 0 && (c == '\'' || c == '"');
      if (opens || c == quote) {
        quote = opens ? c : 0;
      } else if (c == '\\' && quote == '"') {
        i++;
        out.append(unescaped(i < text.length() ? text.charAt(i) : 0));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static char unescaped(char c) throws InvalidDocumentException {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case '"', '\'', '\\' -> c;
      default -> throw new InvalidDocumentException("the manifest has an escape that is not known");
    };
  }
}
