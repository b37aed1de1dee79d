package dev.gvmi.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.fetch.FetchOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class NodeMetricsTest {
  private final NodeMetrics metrics =
      new NodeMetrics(new Fixed(), new NodeMetrics.Totals(() -> 11, () -> 12, () -> 13, () -> 14));

  private record Fixed() implements NodeMetrics.Reading {
    @Override
    public long images() {
      return 1;
    }

    @Override
    public long partials() {
      return 2;
    }

    @Override
    public long heldBytes() {
      return 3;
    }

    @Override
    public long usedBytes() {
      return 4;
    }

    @Override
    public long reservedBytes() {
      return 5;
    }

    @Override
    public long quotaBytes() {
      return 6;
    }

    @Override
    public long peers() {
      return 7;
    }

    @Override
    public long dhtPeers() {
      return 8;
    }

    @Override
    public long dhtRecords() {
      return 9;
    }

    @Override
    public double uptimeSeconds() {
      return 10;
    }
  }

  @Test
  void tellsWhatIsReadAndWhatIsCounted() {
    metrics.fetched(new FetchOutcome.NotFound("nobody"));
    metrics.fetchFailed();
    metrics.answered(206, 100);
    metrics.answered(0, 1);
    metrics.answered(200_000, 1);
    assertThat(metrics.text())
        .contains(
            "\ngvmi_images 1.0\n", "\ngvmi_images_partial 2.0\n", "\ngvmi_images_held_bytes 3.0\n")
        .contains(
            "\ngvmi_cache_used_bytes 4.0\n",
            "\ngvmi_cache_reserved_bytes 5.0\n",
            "\ngvmi_cache_quota_bytes 6.0\n")
        .contains(
            "\ngvmi_peers_connected 7.0\n",
            "\ngvmi_dht_table_peers 8.0\n",
            "\ngvmi_dht_provider_records 9.0\n")
        .contains("\ngvmi_uptime_seconds 10.0\n")
        .contains("\ngvmi_received_bytes_total{protocol=\"chunk\"} 11.0\n")
        .contains("\ngvmi_sent_bytes_total{protocol=\"chunk\"} 12.0\n")
        .contains("\ngvmi_sent_bytes_total{protocol=\"http\"} 102.0\n")
        .contains("\ngvmi_chunks_received_total{outcome=\"verified\"} 13.0\n")
        .contains("\ngvmi_chunks_received_total{outcome=\"wrong\"} 14.0\n")
        .contains("\ngvmi_fetches_total{outcome=\"not_found\"} 1.0\n")
        .contains("\ngvmi_fetches_total{outcome=\"failed\"} 1.0\n")
        .contains("\ngvmi_fetches_total{outcome=\"complete\"} 0.0\n")
        .contains("\ngvmi_gateway_requests_total{code=\"206\"} 1.0\n")
        .contains("\ngvmi_gateway_requests_total{code=\"reset\"} 2.0\n");
  }

  @Test
  void everyMetricIsInTheManual() throws IOException {
    metrics.answered(200, 1);
    String manual =
        Files.readString(Path.of("").toAbsolutePath().resolveSibling("docs/metrics.md"));
    List<String> told =
        Pattern.compile("^# TYPE (\\S+)", Pattern.MULTILINE)
            .matcher(metrics.text())
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(told).hasSize(15).allSatisfy(name -> assertThat(manual).contains("`" + name + "`"));
  }
}
