package dev.gvmi.node.registry;

import java.util.Locale;
import java.util.Optional;

/**
 * The name of a descriptor: the SHA-256 of its bytes.
 *
 * @param hex 64 digits in lower case; the name of a folder, too
 */
public record DescriptorId(String hex) {
  public DescriptorId {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("the id of a descriptor has 64 hex digits");
    }
  }

  /** Reads digits of any case; empty if that is no id. */
  public static Optional<DescriptorId> parse(String text) {
    return text.matches("[0-9a-fA-F]{64}")
        ? Optional.of(new DescriptorId(text.toLowerCase(Locale.ROOT)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return hex;
  }
}
