package dev.gvmi.cli.command;

import dev.gvmi.node.ResourceLimits;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.config.ConfigKey;
import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.rate.RateLimit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of the machine a node may take: options, else the file, else as much as there is. */
final class ResourceOptions {
  @Option(
      names = "--quota",
      paramLabel = "SIZE|none",
      converter = SizeConverter.class,
      description =
          "Disk space for images: 500M, 20G. The least recently used make room for others. Default: none.")
  private @Nullable Long quota;

  @Option(
      names = "--upload-limit",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is sent to all peers, in a second: 20Mbit, 5MB/s. Default: none.")
  private @Nullable Long upload;

  @Option(
      names = "--download-limit",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is asked of all peers, in a second. Default: none.")
  private @Nullable Long download;

  @Option(
      names = "--upload-limit-per-peer",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is sent to one peer, in a second. Default: none.")
  private @Nullable Long uploadPerPeer;

  @Option(
      names = "--download-limit-per-peer",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description = "What is asked of one peer, in a second. Default: none.")
  private @Nullable Long downloadPerPeer;

  @Option(
      names = "--warm-up-limit",
      paramLabel = "RATE|none",
      converter = RateConverter.class,
      description =
          "What is asked for before a task asks for it, in a second, within the download limit. Default: none.")
  private @Nullable Long warmUp;

  @Option(
      names = "--low-priority",
      negatable = true,
      description = "Leave CPU and disk to others, such as tasks of the runtime.")
  private @Nullable Boolean lowPriority;

  boolean isGiven(ConfigKey key) {
    return switch (key) {
      case QUOTA -> quota != null;
      case UPLOAD_LIMIT -> upload != null;
      case DOWNLOAD_LIMIT -> download != null;
      case UPLOAD_PER_PEER -> uploadPerPeer != null;
      case DOWNLOAD_PER_PEER -> downloadPerPeer != null;
      case WARM_UP_LIMIT -> warmUp != null;
      case LOW_PRIORITY -> lowPriority != null;
      case LISTEN,
          PEERS,
          BOOTSTRAP,
          DHT,
          MDNS,
          RUNTIME_CACHE,
          ORIGIN_ALLOW_PRIVATE,
          REGISTRY_URL,
          REGISTRY_PUSH_TOKEN_FILE,
          REGISTRY_UPLOAD_AGE,
          GATEWAY_LISTEN,
          GATEWAY_PUBLIC_URL,
          GATEWAY_PUSH,
          WARM_UP_IMAGES,
          WARM_UP_EVERY,
          PREFETCH_TIMEOUT,
          OUTPUT_JSON,
          OUTPUT_LEVEL ->
          false;
    };
  }

  ResourceLimits limits(CommandContext context) {
    var settings = context.settings();
    return new ResourceLimits(
        new Quota(bytes(quota, settings.quota())),
        new RateLimit(bytes(upload, settings.uploadLimit())),
        new RateLimit(bytes(download, settings.downloadLimit())),
        new RateLimit(bytes(uploadPerPeer, settings.uploadPerPeer())),
        new RateLimit(bytes(downloadPerPeer, settings.downloadPerPeer())),
        new RateLimit(bytes(warmUp, settings.warmUpLimit())));
  }

  boolean lowPriority(CommandContext context) {
    Boolean said = lowPriority != null ? lowPriority : context.settings().lowPriority();
    return said != null && said;
  }

  private static long bytes(@Nullable Long option, @Nullable Long setting) {
    Long said = option != null ? option : setting;
    return said == null ? ConfigValues.UNLIMITED : said;
  }
}
