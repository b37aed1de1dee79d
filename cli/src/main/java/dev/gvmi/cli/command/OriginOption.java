package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.origin.OriginConfig;
import dev.gvmi.node.origin.OriginUrl;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What is asked of HTTP servers: {@code --registry} and {@code --allow-private-origin}, shared by
 * the commands that run a node.
 */
final class OriginOption {
  /** Where the registry is if neither an option nor the file says so. */
  static final String ENVIRONMENT = "GVMI_P2P_REGISTRY";

  @Option(
      names = "--registry",
      paramLabel = "URL|none",
      converter = RegistryConverter.class,
      description =
          "Where tags and bare hashes are asked. Default: " + OriginConfig.DEFAULT_REGISTRY + ".")
  private @Nullable String registry;

  @Option(
      names = "--allow-private-origin",
      description = "Images may come by HTTP from this machine and from private networks, too.")
  private boolean allowPrivate;

  boolean registryIsGiven() {
    return registry != null;
  }

  boolean allowPrivateIsGiven() {
    return allowPrivate;
  }

  boolean allowPrivate(CommandContext context) {
    Boolean setting = context.settings().allowPrivateOrigin();
    return allowPrivate || (setting != null && setting);
  }

  /** By the option, the file, the environment, or as it is usual. */
  String registry(CommandContext context) {
    if (registry != null) {
      return registry;
    }
    String setting = context.settings().registry();
    if (setting != null) {
      return setting;
    }
    String text = context.environment().get(ENVIRONMENT);
    return text == null || text.isEmpty() ? OriginConfig.DEFAULT_REGISTRY : text;
  }

  OriginConfig config(CommandContext context) {
    String url = registry(context);
    try {
      return new OriginConfig(
          url.equals(ConfigValues.NO_REGISTRY) ? null : OriginUrl.parse(url),
          allowPrivate(context));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "registry " + url + ": " + e.getMessage(), e);
    }
  }

  static final class RegistryConverter extends ValueConverter<String> {
    RegistryConverter() {
      super(ConfigValues::registry);
    }
  }
}
