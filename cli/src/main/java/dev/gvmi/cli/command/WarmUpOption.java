package dev.gvmi.cli.command;

import dev.gvmi.node.warmup.WarmUpConfig;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a daemon brings before a task asks for it: {@code --warm-up}, {@code --warm-up-every}. */
final class WarmUpOption {
  @Option(
      names = "--warm-up",
      paramLabel = "IMAGE",
      arity = "1..*",
      converter = ImageConverter.class,
      description = "Images to bring before a task asks for them: hashes, task packages, tags.")
  private List<String> images = List.of();

  @Option(
      names = "--warm-up-every",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "When their tags are asked for again. Default: 1h.")
  private @Nullable Duration every;

  boolean imagesAreGiven() {
    return !images.isEmpty();
  }

  boolean everyIsGiven() {
    return every != null;
  }

  /** By the option, or else the file. */
  List<String> images(CommandContext context) {
    return imagesAreGiven()
        ? images
        : Objects.requireNonNullElse(context.settings().warmUpImages(), List.of());
  }

  /** By the option, the file, or the default. */
  Duration every(CommandContext context) {
    Duration said = every != null ? every : context.settings().warmUpEvery();
    return Objects.requireNonNullElse(said, WarmUpConfig.DEFAULT_EVERY);
  }

  WarmUpConfig config(CommandContext context) {
    return new WarmUpConfig(images(context), every(context));
  }
}
