package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.cli.NodeProcesses.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Quota, rates, pins and priority of a daemon, as a user gives and sees them. */
@Timeout(120)
final class LimitsIT {
  private static final int MB = 1_000_000;

  @TempDir private Path folder;
  private NodeProcesses nodes;

  @BeforeEach
  void make() {
    nodes = new NodeProcesses(folder);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  private static String limit(JsonNode limits, String name) {
    for (JsonNode limit : limits.path("limits")) {
      if (limit.path("name").asString("").equals(name)) {
        return limit.path("limit").toString();
      }
    }
    throw new AssertionError("no limit " + name);
  }

  @Test
  void aDaemonKeepsToItsQuotaAndShowsIt() throws Exception {
    Path data = folder.resolve("a");
    nodes.daemon(data, "--quota", "5MB", "--upload-limit", "20Mbit", "--low-priority");
    String first = nodes.publish(data, MadeImage.write(folder.resolve("1.gvmi"), 2 * MB));
    String second = nodes.publish(data, MadeImage.write(folder.resolve("2.gvmi"), 2 * MB + 1));
    nodes.result(data, "pin", first);

    String third = nodes.publish(data, MadeImage.write(folder.resolve("3.gvmi"), 2 * MB + 2));

    JsonNode images = nodes.result(data, "list").path("images");
    assertThat(images.findValuesAsString("image")).containsExactlyInAnyOrder(first, third);
    assertThat(images.findValuesAsString("image")).doesNotContain(second);
    JsonNode status = nodes.result(data, "status");
    assertThat(status.path("quotaBytes").asLong()).isEqualTo(5 * MB);
    assertThat(status.path("usedBytes").asLong()).isBetween(4L * MB, 5L * MB);
    assertThat(status.path("reservedBytes").asLong()).isZero();

    Path large = MadeImage.write(folder.resolve("4.gvmi"), 4 * MB);
    nodes.fails(5, "quota is 5000000 bytes", data, "publish", large.toString());
    nodes.result(data, "unpin", first);
    nodes.publish(data, large);
    nodes.fails(3, "not held", data, "pin", first);
  }

  @Test
  void ratesAreChangedWhileADaemonRuns() throws Exception {
    Path data = folder.resolve("a");
    nodes.daemon(data, "--upload-limit", "20Mbit");
    assertThat(limit(nodes.result(data, "limits"), "upload")).isEqualTo("2500000");
    assertThat(limit(nodes.result(data, "limits"), "download")).isEqualTo("null");
    JsonNode changed =
        nodes.result(
            data, "limits", "--upload", "none", "--download", "5MB/s", "--origin", "1MB/s");
    assertThat(limit(changed, "origin")).isEqualTo("1000000");
    assertThat(limit(changed, "upload")).isEqualTo("null");
    assertThat(limit(nodes.result(data, "limits"), "download")).isEqualTo("5000000");
    nodes.fails(7, "no daemon", folder.resolve("b"), "limits", "--upload", "5MB/s");
  }

  @Test
  void allThreadsOfADaemonWithLowPriorityAreNice() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "/proc is missing");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/renice")), "renice is missing");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/ionice")), "ionice is missing");
    Daemon daemon = nodes.daemon(folder.resolve("a"), "--low-priority");
    assertThat(niceness(daemon.program().pid())).isNotEmpty().allMatch(nice -> nice == 10);
  }

  private static List<Integer> niceness(long pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return threads.map(LimitsIT::nice).toList();
    }
  }

  /** Field 19 of stat, counted from the end of the name; see proc(5). */
  private static int nice(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    } catch (IOException e) {
      return 10; // It has just ended.
    }
  }
}
