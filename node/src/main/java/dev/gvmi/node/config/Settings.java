package dev.gvmi.node.config;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.discovery.DhtRole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration file says; null is what it does not say.
 *
 * @param listen where a daemon listens
 * @param peers holders that are asked, each with its /p2p
 * @param bootstrap where to join the network
 * @param dht what part to take in the DHT
 * @param runtimeCache absolute folders, or "none" alone
 * @param mdns whether a daemon looks for peers on the local network
 * @param quota bytes; {@link ConfigValues#UNLIMITED} for none
 * @param uploadLimit bytes in a second, or {@link ConfigValues#UNLIMITED}
 * @param downloadLimit bytes in a second, or {@link ConfigValues#UNLIMITED}
 * @param uploadPerPeer likewise
 * @param downloadPerPeer likewise
 * @param allowPrivateOrigin whether images may come from private addresses by HTTP
 * @param registry its URL, or "none"
 * @param gateway where a daemon's gateway listens, HOST:PORT or "none"
 * @param publicUrl at which the gateway is reached from elsewhere, or "none"
 * @param push whether images may be pushed to the gateway
 * @param pushTokenFile with the token for that
 * @param uploadAge after which a push that nobody goes on with is given up
 * @param warmUpImages what a daemon brings before a task asks for it
 * @param warmUpEvery after which their tags are asked for again
 * @param warmUpLimit bytes in a second, or {@link ConfigValues#UNLIMITED}
 * @param prefetchTimeout when a prefetch gives up
 */
public record Settings(
    @Nullable List<Multiaddr> listen,
    @Nullable List<Multiaddr> peers,
    @Nullable List<Multiaddr> bootstrap,
    @Nullable DhtRole dht,
    @Nullable List<String> runtimeCache,
    @Nullable Boolean mdns,
    @Nullable Long quota,
    @Nullable Long uploadLimit,
    @Nullable Long downloadLimit,
    @Nullable Long uploadPerPeer,
    @Nullable Long downloadPerPeer,
    @Nullable Boolean allowPrivateOrigin,
    @Nullable String registry,
    @Nullable Boolean lowPriority,
    @Nullable String gateway,
    @Nullable String publicUrl,
    @Nullable Boolean push,
    @Nullable Path pushTokenFile,
    @Nullable Duration uploadAge,
    @Nullable List<String> warmUpImages,
    @Nullable Duration warmUpEvery,
    @Nullable Long warmUpLimit,
    @Nullable Duration prefetchTimeout,
    @Nullable Boolean json,
    @Nullable OutputLevel level) {
  /** Says nothing. */
  public static final Settings NONE =
      new Settings(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null, null, null, null, null, null, null, null);

  public Settings {
    listen = listen == null ? null : List.copyOf(listen);
    peers = peers == null ? null : List.copyOf(peers);
    warmUpImages = warmUpImages == null ? null : List.copyOf(warmUpImages);
    runtimeCache = runtimeCache == null ? null : List.copyOf(runtimeCache);
    bootstrap = bootstrap == null ? null : List.copyOf(bootstrap);
  }

  /** How much is told beside results. */
  public enum OutputLevel {
    NORMAL,
    VERBOSE,
    QUIET
  }
}
