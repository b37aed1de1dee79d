package dev.gvmi.node.metrics;

import dev.gvmi.node.fetch.FetchOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** Counts, and reads what others count, when it is asked for. <b>Thread:</b> any. */
public final class NodeMetrics {
  private static final String CHUNK = "chunk";
  private static final String HTTP = "http";
  private static final int LEAST_STATUS = 100;
  private static final int MOST_STATUS = 599;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Kept here: micrometer holds what it reads weakly. */
  private final Totals totals;

  private final Counter httpBytes =
      Counter.builder(MetricNames.SENT_BYTES).tag(MetricNames.PROTOCOL, HTTP).register(registry);

  /** What is asked of the node at each scrape. */
  public interface Reading {
    long images();

    long partials();

    long heldBytes();

    long usedBytes();

    long reservedBytes();

    /** {@link Long#MAX_VALUE} if there is none. */
    long quotaBytes();

    long peers();

    long dhtPeers();

    long dhtRecords();

    double uptimeSeconds();
  }

  /**
   * What only grows.
   *
   * @param wrongChunks that did not fit the manifest
   */
  public record Totals(
      LongSupplier receivedBytes,
      LongSupplier sentBytes,
      LongSupplier verifiedChunks,
      LongSupplier wrongChunks) {}

  public NodeMetrics(Reading reading, Totals totals) {
    this.totals = totals;
    gauges(reading);
    total(MetricNames.RECEIVED_BYTES, MetricNames.PROTOCOL, CHUNK, Totals::receivedBytes);
    total(MetricNames.SENT_BYTES, MetricNames.PROTOCOL, CHUNK, Totals::sentBytes);
    total(MetricNames.CHUNKS, MetricNames.OUTCOME, "verified", Totals::verifiedChunks);
    total(MetricNames.CHUNKS, MetricNames.OUTCOME, "wrong", Totals::wrongChunks);
    for (Fetched outcome : Fetched.values()) {
      outcome.counter(registry);
    }
  }

  private void gauges(Reading reading) {
    gauge(MetricNames.IMAGES, reading, Reading::images);
    gauge(MetricNames.PARTIALS, reading, Reading::partials);
    gauge(MetricNames.HELD_BYTES, reading, Reading::heldBytes);
    gauge(MetricNames.USED_BYTES, reading, Reading::usedBytes);
    gauge(MetricNames.RESERVED_BYTES, reading, Reading::reservedBytes);
    gauge(MetricNames.QUOTA_BYTES, reading, NodeMetrics::quota);
    gauge(MetricNames.PEERS, reading, Reading::peers);
    gauge(MetricNames.DHT_PEERS, reading, Reading::dhtPeers);
    gauge(MetricNames.DHT_RECORDS, reading, Reading::dhtRecords);
    gauge(MetricNames.UPTIME_SECONDS, reading, Reading::uptimeSeconds);
  }

  private static double quota(Reading reading) {
    long bytes = reading.quotaBytes();
    return bytes == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (double) bytes;
  }

  private void gauge(String name, Reading reading, ToDoubleFunction<Reading> value) {
    Gauge.builder(name, reading, value).strongReference(true).register(registry);
  }

  private void total(String name, String label, String is, Function<Totals, LongSupplier> value) {
    FunctionCounter.builder(name, totals, all -> (double) value.apply(all).getAsLong())
        .tag(label, is)
        .register(registry);
  }

  /** How fetches end. */
  private enum Fetched {
    COMPLETE,
    LOCAL,
    NOT_FOUND,
    INCOMPLETE,
    VERIFICATION_FAILED,
    FAILED;

    static Fetched of(FetchOutcome outcome) {
      return switch (outcome) {
        case FetchOutcome.Complete complete -> complete.sourceBytes().isEmpty() ? LOCAL : COMPLETE;
        case FetchOutcome.NotFound none -> NOT_FOUND;
        case FetchOutcome.Incomplete some -> INCOMPLETE;
        case FetchOutcome.VerificationFailed wrong -> VERIFICATION_FAILED;
      };
    }

    Counter counter(PrometheusMeterRegistry registry) {
      return Counter.builder(MetricNames.FETCHES)
          .tag(MetricNames.OUTCOME, name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  /** A fetch ended so. */
  public void fetched(FetchOutcome outcome) {
    Fetched.of(outcome).counter(registry).increment();
  }

  /** A fetch was interrupted, or came to a fault of this machine. */
  public void fetchFailed() {
    Fetched.FAILED.counter(registry).increment();
  }

  /**
   * The gateway answered.
   *
   * @param status 0 for a reset
   */
  public void answered(int status, long sentBytes) {
    boolean known = status >= LEAST_STATUS && status <= MOST_STATUS;
    Counter.builder(MetricNames.GATEWAY_REQUESTS)
        .tag(MetricNames.CODE, known ? Integer.toString(status) : "reset")
        .register(registry)
        .increment();
    httpBytes.increment((double) sentBytes);
  }

  /** All of it, in the text format of Prometheus. */
  public String text() {
    return registry.scrape();
  }
}
