package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.ConfigKey;
import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.config.EffectiveSetting;
import dev.gvmi.node.config.Settings.OutputLevel;
import dev.gvmi.node.control.NodeService.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Takes the options that have a key, so that what they come to can be seen before they are used.
 */
@Command(
    name = "show",
    description =
        "Show the configuration that is in effect, and where each value comes from, as TOML.")
final class ConfigShowCommand implements NodeCommand {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ListenOption listen = new ListenOption();
  @Mixin private PeersOption peers = new PeersOption();
  @Mixin private NetworkOption network = new NetworkOption();
  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();
  @Mixin private OriginOption origin = new OriginOption();
  @Mixin private ResourceOptions resources = new ResourceOptions();
  @Mixin private HttpOption http = new HttpOption();
  @Mixin private RegistryOption registry = new RegistryOption();
  @Mixin private WarmUpOption warmUp = new WarmUpOption();
  @Mixin private TimeoutOption timeout = new TimeoutOption();

  @Override
  public Outcome run(CommandContext context) {
    peers.check();
    GvmiCommand root = (GvmiCommand) spec.root().userObject();
    context
        .output()
        .configShown(
            context.configFile().file(),
            Arrays.stream(ConfigKey.values()).map(key -> setting(key, root, context)).toList());
    return Outcome.COMPLETE;
  }

  private EffectiveSetting setting(ConfigKey key, GvmiCommand root, CommandContext context) {
    boolean byOption =
        switch (key) {
          case LISTEN -> listen.isGiven();
          case PEERS -> peers.isGiven();
          case BOOTSTRAP -> network.bootstrapIsGiven();
          case DHT -> network.dhtIsGiven();
          case RUNTIME_CACHE -> runtimeCache.isGiven();
          case MDNS -> network.mdnsIsGiven();
          case QUOTA,
              UPLOAD_LIMIT,
              DOWNLOAD_LIMIT,
              UPLOAD_PER_PEER,
              DOWNLOAD_PER_PEER,
              WARM_UP_LIMIT,
              LOW_PRIORITY ->
              resources.isGiven(key);
          case ORIGIN_ALLOW_PRIVATE -> origin.allowPrivateIsGiven();
          case REGISTRY_URL -> origin.registryIsGiven();
          case GATEWAY_LISTEN -> http.isGiven();
          case GATEWAY_PUBLIC_URL, GATEWAY_PUSH, REGISTRY_PUSH_TOKEN_FILE, REGISTRY_UPLOAD_AGE ->
              registry.isGiven(key);
          case WARM_UP_IMAGES -> warmUp.imagesAreGiven();
          case WARM_UP_EVERY -> warmUp.everyIsGiven();
          case PREFETCH_TIMEOUT -> timeout.isGiven();
          case OUTPUT_JSON -> root.json() != null;
          case OUTPUT_LEVEL -> root.verbose() || root.quiet();
        };
    ConfigFile file = context.configFile();
    Integer line = file.lines().get(key);
    String source =
        byOption ? "option " + key.option() : line == null ? "default" : file.file() + ":" + line;
    boolean byEnvironment =
        source.equals("default")
            && key == ConfigKey.REGISTRY_URL
            && context.environment().containsKey(OriginOption.ENVIRONMENT);
    return new EffectiveSetting(
        key,
        value(key, root, context),
        byEnvironment ? "environment " + OriginOption.ENVIRONMENT : source);
  }

  private @Nullable Object value(ConfigKey key, GvmiCommand root, CommandContext context) {
    return switch (key) {
      case LISTEN -> listen.addresses(context).stream().map(Object::toString).toList();
      case PEERS -> peers.addresses(context);
      case BOOTSTRAP -> network.bootstrap(context).stream().map(Object::toString).toList();
      case DHT -> network.dht(context).name().toLowerCase(Locale.ROOT);
      case RUNTIME_CACHE -> {
        List<String> caches =
            runtimeCache.directories(context, false).stream().map(Path::toString).toList();
        yield caches.size() > 1
            ? caches
            : caches.isEmpty() ? ConfigValues.NO_CACHE : caches.getFirst();
      }
      case MDNS -> network.mdns(context);
      case QUOTA -> ConfigValues.sizeText(resources.limits(context).quota().bytes());
      case UPLOAD_LIMIT ->
          ConfigValues.rateText(resources.limits(context).upload().bytesPerSecond());
      case DOWNLOAD_LIMIT ->
          ConfigValues.rateText(resources.limits(context).download().bytesPerSecond());
      case UPLOAD_PER_PEER ->
          ConfigValues.rateText(resources.limits(context).uploadPerPeer().bytesPerSecond());
      case DOWNLOAD_PER_PEER ->
          ConfigValues.rateText(resources.limits(context).downloadPerPeer().bytesPerSecond());
      case ORIGIN_ALLOW_PRIVATE -> origin.allowPrivate(context);
      case REGISTRY_URL -> origin.registry(context);
      case LOW_PRIORITY -> resources.lowPriority(context);
      case GATEWAY_LISTEN -> http.text(context);
      case GATEWAY_PUBLIC_URL -> registry.publicUrl(context);
      case GATEWAY_PUSH -> registry.push(context);
      case REGISTRY_PUSH_TOKEN_FILE -> {
        Path file = registry.tokenFile(context);
        yield file == null ? null : file.toString();
      }
      case REGISTRY_UPLOAD_AGE -> ConfigValues.text(registry.uploadAge(context));
      case WARM_UP_IMAGES -> warmUp.images(context);
      case WARM_UP_EVERY -> ConfigValues.text(warmUp.every(context));
      case WARM_UP_LIMIT ->
          ConfigValues.rateText(resources.limits(context).warmUp().bytesPerSecond());
      case PREFETCH_TIMEOUT -> {
        Duration limit = timeout.duration(context);
        yield limit == null ? null : ConfigValues.text(limit);
      }
      case OUTPUT_JSON ->
          root.json() != null
              ? root.json()
              : Objects.requireNonNullElse(context.settings().json(), Boolean.FALSE);
      case OUTPUT_LEVEL -> level(root, context).name().toLowerCase(Locale.ROOT);
    };
  }

  private static OutputLevel level(GvmiCommand root, CommandContext context) {
    if (root.verbose() || root.quiet()) {
      return root.verbose() ? OutputLevel.VERBOSE : OutputLevel.QUIET;
    }
    return Objects.requireNonNullElse(context.settings().level(), OutputLevel.NORMAL);
  }
}
