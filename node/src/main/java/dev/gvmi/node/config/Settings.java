package dev.gvmi.node.config;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration file says; null is what it does not say.
 *
 * @param listen where a daemon listens
 * @param peers holders that are asked, each with its /p2p
 * @param runtimeCache an absolute folder, or "none"
 * @param quota bytes; {@link ConfigValues#UNLIMITED} for none
 * @param uploadLimit bytes in a second, or {@link ConfigValues#UNLIMITED}
 * @param downloadLimit bytes in a second, or {@link ConfigValues#UNLIMITED}
 * @param prefetchTimeout when a prefetch gives up
 */
public record Settings(
    @Nullable List<Multiaddr> listen,
    @Nullable List<Multiaddr> peers,
    @Nullable String runtimeCache,
    @Nullable Long quota,
    @Nullable Long uploadLimit,
    @Nullable Long downloadLimit,
    @Nullable Boolean lowPriority,
    @Nullable Duration prefetchTimeout,
    @Nullable Boolean json,
    @Nullable OutputLevel level) {
  /** Says nothing. */
  public static final Settings NONE = 
      new Settings(null, null, null, null, null, null, null, null, null, null);

  public Settings {
    listen = listen == null ? null : List.copyOf(listen);
    peers = peers == null ? null : List.copyOf(peers);
  }

  /** How much is told beside results. */
  public enum OutputLevel {
    NORMAL,
    VERBOSE,
    QUIET
  }
}
