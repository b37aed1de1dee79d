package dev.gvmi.node.registry;

import dev.gvmi.node.origin.OriginUrl;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the registry face does.
 *
 * @param publicUrl at which the gateway is reached from elsewhere; null if it is not
 * @param push whether images may be pushed
 * @param tokenFile with the token for pushes; null for one in the data directory, which is made
 * @param uploadAge after which an upload that nobody goes on with is taken away
 */
public record RegistryConfig(
    @Nullable OriginUrl publicUrl, boolean push, @Nullable Path tokenFile, Duration uploadAge) {
  public static final Duration DEFAULT_UPLOAD_AGE = Duration.ofHours(24);

  /** Of a node that is told nothing else. */
  public static final RegistryConfig DEFAULT =
      new RegistryConfig(null, true, null, DEFAULT_UPLOAD_AGE);
}
