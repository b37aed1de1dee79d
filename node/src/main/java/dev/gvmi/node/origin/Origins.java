package dev.gvmi.node.origin;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP servers that this node knows: the registry, and those that task packages name.
 *
 * <p><b>Thread:</b> any.
 */
public final class Origins implements AutoCloseable {
  private final OriginConfig config;
  private final OriginClient strict;
  private final OriginClient lenient;
  private final @Nullable Registry registry;

  public Origins(OriginConfig config, OriginLimits limits, NameLookup lookup, String agent) {
    this.config = config;
    this.strict = new OriginClient(limits, AddressRules.PUBLIC_ONLY, lookup, agent);
    this.lenient = new OriginClient(limits, AddressRules.PRIVATE_TOO, lookup, agent);
    OriginUrl url = config.registry();
    this.registry = url == null ? null : new Registry(lenient, client(false), url);
  }

  /** The registry; empty if there is none. */
  public Optional<Registry> registry() {
    return Optional.ofNullable(registry);
  }

  /**
   * Where an image can be had, if what the user wrote says so or the registry may know; empty if
   * there is no such place.
   */
  public Optional<Origin> of(ImageRef ref, boolean allowPrivate) {
    return switch (ref) {
      case ImageRef.TaskPackage task -> parsed(task.url()).map(url -> at(url, allowPrivate));
      case ImageRef.Hash hash -> ofRegistry(hash.image(), allowPrivate);
      case ImageRef.Tag tag -> Optional.empty();
    };
  }

  /** Whoever serves the URL that a stranger's task package names. */
  public Origin ofStranger(OriginUrl url) {
    return new Origin(client(false), () -> url, url.toString(), false);
  }

  private static Optional<OriginUrl> parsed(String text) {
    try {
      return Optional.of(OriginUrl.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whoever serves a URL that the user named, or the registry for the user. */
  public Origin at(OriginUrl url, boolean allowPrivate) {
    return new Origin(client(allowPrivate), () -> url, url.toString(), true);
  }

  private Optional<Origin> ofRegistry(ImageId image, boolean allowPrivate) {
    Registry known = registry;
    return known == null
        ? Optional.empty()
        : Optional.of(
            new Origin(
                client(allowPrivate),
                () -> known.resolve(image).url(),
                "registry " + known.url(),
                true));
  }

  private OriginClient client(boolean allowPrivate) {
    return allowPrivate || config.allowPrivate() ? lenient : strict;
  }

  @Override
  public void close() {
    strict.close();
    lenient.close();
  }
}
