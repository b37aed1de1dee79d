package dev.gvmi.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --[no-]mdns}. */
final class MdnsOption {
  @Option(
      names = "--mdns",
      negatable = true,
      description = "Find peers on the local network. Default: yes.")
  private @Nullable Boolean given;

  boolean isGiven() {
    return given != null;
  }

  /** By the option, the file, or the default. */
  boolean enabled(CommandContext context) {
    return given != null
        ? given
        : Objects.requireNonNullElse(context.settings().mdns(), Boolean.TRUE);
  }
}
