package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.discovery.DiscoveryConfig;
import dev.gvmi.node.origin.OriginConfig;
import dev.gvmi.node.registry.RegistryConfig;
import dev.gvmi.node.warmup.WarmUpConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is made from.
 *
 * @param listen empty: dials only
 * @param runtimeCache where verified images are placed, or null for nowhere
 * @param http where a daemon's gateway listens, or null for nowhere
 * @param moreCaches where they are placed too
 * @param registry what a daemon's gateway does as a registry
 * @param warmUp what a daemon brings before a task asks for it
 */
public record NodeConfig(
    Path dataDir,
    List<Multiaddr> listen,
    @Nullable Path runtimeCache,
    String agent,
    DiscoveryConfig discovery,
    ResourceLimits limits,
    OriginConfig origin,
    @Nullable InetSocketAddress http,
    List<Path> moreCaches,
    RegistryConfig registry,
    WarmUpConfig warmUp) {
  public NodeConfig {
    listen = List.copyOf(listen);
    moreCaches = List.copyOf(moreCaches);
  }

  /**
   * A node that finds no others by itself, knows no registry, and takes as much of the machine as
   * it needs.
   */
  public NodeConfig(
      Path dataDir, List<Multiaddr> listen, @Nullable Path runtimeCache, String agent) {
    this(
        dataDir,
        listen,
        runtimeCache,
        agent,
        DiscoveryConfig.OFF,
        ResourceLimits.NONE,
        OriginConfig.OFF,
        null,
        List.of(),
        RegistryConfig.DEFAULT,
        WarmUpConfig.NONE);
  }

  /** The same, and finds others in this way. */
  public NodeConfig with(DiscoveryConfig other) {
    Copy copy = new Copy(this);
    copy.discovery = other;
    return copy.made();
  }

  public NodeConfig with(ResourceLimits other) {
    Copy copy = new Copy(this);
    copy.limits = other;
    return copy.made();
  }

  /** The same, and asks HTTP servers in this way. */
  public NodeConfig with(OriginConfig other) {
    Copy copy = new Copy(this);
    copy.origin = other;
    return copy.made();
  }

  /** The same, with a gateway there. */
  public NodeConfig withHttp(@Nullable InetSocketAddress other) {
    Copy copy = new Copy(this);
    copy.http = other;
    return copy.made();
  }

  /** The same, and places images in these folders too. */
  public NodeConfig withMoreCaches(List<Path> other) {
    Copy copy = new Copy(this);
    copy.moreCaches = other;
    return copy.made();
  }

  /** The same, with a registry face of this kind. */
  public NodeConfig with(RegistryConfig other) {
    Copy copy = new Copy(this);
    copy.registry = other;
    return copy.made();
  }

  /** The same, and brings these images. */
  public NodeConfig with(WarmUpConfig other) {
    Copy copy = new Copy(this);
    copy.warmUp = other;
    return copy.made();
  }

  /** All folders that images are placed in. */
  List<Path> runtimeCaches() {
    List<Path> all = new ArrayList<>(moreCaches);
    if (runtimeCache != null) {
      all.addFirst(runtimeCache);
    }
    return List.copyOf(all);
  }

  /** One that is changed before it is made. */
  private static final class Copy {
    private final NodeConfig before;
    private DiscoveryConfig discovery;
    private ResourceLimits limits;
    private OriginConfig origin;
    private @Nullable InetSocketAddress http;
    private List<Path> moreCaches;
    private RegistryConfig registry;
    private WarmUpConfig warmUp;

    Copy(NodeConfig before) {
      this.before = before;
      this.discovery = before.discovery;
      this.limits = before.limits;
      this.origin = before.origin;
      this.http = before.http;
      this.moreCaches = before.moreCaches;
      this.registry = before.registry;
      this.warmUp = before.warmUp;
    }

    NodeConfig made() {
      return new NodeConfig(
          before.dataDir,
          before.listen,
          before.runtimeCache,
          before.agent,
          discovery,
          limits,
          origin,
          http,
          moreCaches,
          registry,
          warmUp);
    }
  }
}
