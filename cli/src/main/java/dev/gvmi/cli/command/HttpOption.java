package dev.gvmi.cli.command;

import dev.gvmi.node.config.HttpAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --http}. */
final class HttpOption {
  @Option(
      names = "--http",
      paramLabel = "HOST:PORT|none",
      converter = HttpConverter.class,
      description =
          "Where images are served by HTTP, with metrics and health; port 0 is any. Default: 127.0.0.1:7438.")
  private @Nullable String given;

  boolean isGiven() {
    return given != null;
  }

  /** By the option, the file, or the default, as it is written. */
  String text(CommandContext context) {
    String said = given != null ? given : context.settings().gateway();
    return said != null ? said : HttpAddress.DEFAULT;
  }

  /** Null for none. */
  @Nullable InetSocketAddress address(CommandContext context) {
    return HttpAddress.parse(text(context)).orElse(null);
  }
}
