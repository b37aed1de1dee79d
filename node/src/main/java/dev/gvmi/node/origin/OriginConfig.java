package dev.gvmi.node.origin;

import org.jspecify.annotations.Nullable;

/**
 * What a node asks of HTTP servers.
 *
 * @param registry where tags and bare hashes are asked; null for nowhere
 * @param allowPrivate whether images may come from private addresses
 */
public record OriginConfig(@Nullable OriginUrl registry, boolean allowPrivate) {
  /** The registry of the Golem network. */
  public static final String DEFAULT_REGISTRY = "https://registry.golem.network";

  /** No registry, and public addresses only. */
  public static final OriginConfig OFF = new OriginConfig(null, false);
}
