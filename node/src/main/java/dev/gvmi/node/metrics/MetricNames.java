package dev.gvmi.node.metrics;

/**
 * The names of all metrics, with dots as micrometer has them; Prometheus sees underscores, and
 * {@code _total} behind what only grows. Units are in the names.
 */
final class MetricNames {
  static final String IMAGES = "gvmi.images";
  static final String PARTIALS = "gvmi.images.partial";
  static final String HELD_BYTES = "gvmi.images.held.bytes";
  static final String USED_BYTES = "gvmi.cache.used.bytes";
  static final String RESERVED_BYTES = "gvmi.cache.reserved.bytes";
  static final String QUOTA_BYTES = "gvmi.cache.quota.bytes";
  static final String PEERS = "gvmi.peers.connected";
  static final String DHT_PEERS = "gvmi.dht.table.peers";
  static final String DHT_RECORDS = "gvmi.dht.provider.records";
  static final String RECEIVED_BYTES = "gvmi.received.bytes";
  static final String SENT_BYTES = "gvmi.sent.bytes";
  static final String FETCHES = "gvmi.fetches";
  static final String CHUNKS = "gvmi.chunks.received";
  static final String GATEWAY_REQUESTS = "gvmi.gateway.requests";
  static final String UPTIME_SECONDS = "gvmi.uptime.seconds";

  /** Label: how bytes went: chunk (between nodes) or http. */
  static final String PROTOCOL = "protocol";

  /** Label: what became of it. */
  static final String OUTCOME = "outcome";

  /** Label: the status of an answer, or reset. */
  static final String CODE = "code";

  private MetricNames() {}
}
