package dev.gvmi.node.oci;

import tools.jackson.databind.JsonNode;

/**
 * What an image runs on, as {@code os/architecture[/variant]}.
 *
 * @param variant empty if it does not matter
 */
public record Platform(String os, String architecture, String variant) {
  /** What Golem's VM is. */
  public static final Platform GOLEM = new Platform("linux", "amd64", "");

  /** {@link IllegalArgumentException} if it has another form. */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new IllegalArgumentException(
          "a platform is os/architecture, as in linux/amd64, not " + text);
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  static Platform of(JsonNode said) {
    return new Platform(
        said.path("os").asString(""),
        said.path("architecture").asString(""),
        said.path("variant").asString(""));
  }

  boolean accepts(Platform offered) {
    return os.equals(offered.os)
        && architecture.equals(offered.architecture)
        && (variant.isEmpty() || variant.equals(offered.variant));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
