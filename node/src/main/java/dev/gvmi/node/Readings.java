package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.metrics.NodeMetrics;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The status of the node as metrics; it is made anew once a second at most, as it looks at the
 * disk. <b>Thread:</b> any.
 */
final class Readings implements NodeMetrics.Reading {
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final double MILLIS = 1000;

  private final Supplier<NodeStatus> status;

  /** Two threads that make it at once do no harm. */
  private volatile @Nullable Taken last;

  private record Taken(NodeStatus status, long atNanos) {}

  Readings(Supplier<NodeStatus> status) {
    this.status = status;
  }

  private NodeStatus now() {
    Taken known = last;
    long now = System.nanoTime();
    if (known != null && now - known.atNanos() < KEPT_NANOS) {
      return known.status();
    }
    NodeStatus made = status.get();
    last = new Taken(made, now);
    return made;
  }

  @Override
  public long images() {
    return now().images();
  }

  @Override
  public long partials() {
    return now().partials();
  }

  @Override
  public long heldBytes() {
    return now().heldBytes();
  }

  @Override
  public long usedBytes() {
    return now().cache().usedBytes();
  }

  @Override
  public long reservedBytes() {
    return now().cache().reservedBytes();
  }

  @Override
  public long quotaBytes() {
    Long quota = now().cache().quotaBytes();
    return quota == null ? Long.MAX_VALUE : quota;
  }

  @Override
  public long peers() {
    return now().peers();
  }

  @Override
  public long dhtPeers() {
    var network = now().network();
    return network == null ? 0 : network.dhtPeers();
  }

  @Override
  public long dhtRecords() {
    var network = now().network();
    return network == null ? 0 : network.providerRecords();
  }

  @Override
  public double uptimeSeconds() {
    return now().uptimeMs() / MILLIS;
  }
}
