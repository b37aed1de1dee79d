package dev.gvmi.node.config;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;

/**
 * The value that a key has in the end.
 *
 * @param value a String, Boolean or list of strings; null if it has none
 * @param source "default", the file and line, or the option
 */
public record EffectiveSetting(ConfigKey key, @Nullable Object value, String source) {
  /**
   * A line of TOML that says so, with the source as its comment; a comment only if there is no
   * value.
   */
  public String toml() {
    return (value == null ? "# " + key.path() + " is not set" : key.path() + " = " + literal(value))
        + "  # "
        + source.replaceAll("\\p{Cntrl}", "?");
  }

  private static String literal(Object value) {
    return switch (value) {
      case List<?> list ->
          list.stream()
              .map(entry -> quoted(entry.toString()))
              .collect(Collectors.joining(", ", "[", "]"));
      case Boolean flag -> flag.toString();
      default -> quoted(value.toString());
    };
  }

  private static String quoted(String text) {
    return "\"" + Toml.tomlEscape(text) + "\"";
  }
}
