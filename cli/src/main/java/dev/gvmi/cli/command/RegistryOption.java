package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigKey;
import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.registry.RegistryConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What the gateway does for clients of the registry: {@code --public-url}, {@code --[no-]push},
 * {@code --push-token-file}, {@code --upload-age}.
 */
final class RegistryOption {
  @Option(
      names = "--public-url",
      paramLabel = "URL|none",
      converter = UrlConverter.class,
      description = "Where providers reach the gateway. Default: none.")
  private @Nullable String publicUrl;

  @Option(
      names = "--push",
      negatable = true,
      description = "Whether images may be pushed to the gateway. Default: yes.")
  private @Nullable Boolean push;

  @Option(
      names = "--push-token-file",
      paramLabel = "FILE",
      converter = FileConverter.class,
      description =
          "A file with the token for pushes. Default: push-token in the data directory, which is made.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--upload-age",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "When a push that nobody goes on with is given up. Default: 24h.")
  private @Nullable Duration uploadAge;

  boolean isGiven(ConfigKey key) {
    return switch (key) {
      case GATEWAY_PUBLIC_URL -> publicUrl != null;
      case GATEWAY_PUSH -> push != null;
      case REGISTRY_PUSH_TOKEN_FILE -> tokenFile != null;
      case REGISTRY_UPLOAD_AGE -> uploadAge != null;
      case LISTEN,
          PEERS,
          BOOTSTRAP,
          DHT,
          MDNS,
          RUNTIME_CACHE,
          QUOTA,
          UPLOAD_LIMIT,
          DOWNLOAD_LIMIT,
          UPLOAD_PER_PEER,
          DOWNLOAD_PER_PEER,
          LOW_PRIORITY,
          ORIGIN_ALLOW_PRIVATE,
          REGISTRY_URL,
          GATEWAY_LISTEN,
          WARM_UP_IMAGES,
          WARM_UP_EVERY,
          WARM_UP_LIMIT,
          PREFETCH_TIMEOUT,
          OUTPUT_JSON,
          OUTPUT_LEVEL ->
          false;
    };
  }

  /** By the option, the file, or the default. */
  String publicUrl(CommandContext context) {
    String setting =
        Objects.requireNonNullElse(context.settings().publicUrl(), ConfigValues.NO_URL);
    return publicUrl != null ? publicUrl : setting;
  }

  boolean push(CommandContext context) {
    Boolean said = push != null ? push : context.settings().push();
    return said == null || said;
  }

  /** Null for the one in the data directory. */
  @Nullable Path tokenFile(CommandContext context) {
    return tokenFile != null ? tokenFile : context.settings().pushTokenFile();
  }

  Duration uploadAge(CommandContext context) {
    Duration said = uploadAge != null ? uploadAge : context.settings().uploadAge();
    return Objects.requireNonNullElse(said, RegistryConfig.DEFAULT_UPLOAD_AGE);
  }

  RegistryConfig config(CommandContext context) {
    String url = publicUrl(context);
    return new RegistryConfig(
        url.equals(ConfigValues.NO_URL) ? null : OriginUrl.parse(url),
        push(context),
        tokenFile(context),
        uploadAge(context));
  }

  static final class UrlConverter extends ValueConverter<String> {
    UrlConverter() {
      super(ConfigValues::publicUrl);
    }
  }

  static final class FileConverter extends ValueConverter<Path> {
    FileConverter() {
      super(ConfigValues::file);
    }
  }
}
