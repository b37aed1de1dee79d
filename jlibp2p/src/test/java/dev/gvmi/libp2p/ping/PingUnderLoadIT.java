package dev.gvmi.libp2p.ping;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A ping answers within 250 ms while a 10 Mbit/s uplink is full. Two processes in two network
 * namespaces; the way from the one that sends goes through a token bucket whose own queue is 50 ms
 * long, as a good modem's.
 */
@Isolated("it measures how long an answer takes")
@Timeout(120)
final class PingUnderLoadIT {
  private static final int LINK_BYTES_PER_SECOND = 10_000_000 / 8;
  private static final int MODEM_BYTES = LINK_BYTES_PER_SECOND / 20;
  private static final int PINGS = 30;
  private static final double LIMIT_MILLIS = 250;

  /**
   * An idle link answers in a millisecond or two; a machine that does not says nothing about a full
   * one.
   */
  private static final double BUSY_MILLIS = 40;

  private static final double FULL_KILOBYTES = LINK_BYTES_PER_SECOND / 2e3;

  private final String sending = "gvmi-s" + ProcessHandle.current().pid();
  private final String pinging = "gvmi-p" + ProcessHandle.current().pid();
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void layTheWay() throws Exception {
    need("ip netns add " + sending);
    need("ip netns add " + pinging);
    need(
        "ip link add name gvmi-up netns "
            + sending
            + " type veth peer name gvmi-down netns "
            + pinging);
    need("ip -n " + sending + " addr add 192.0.2.1/24 dev gvmi-up");
    need("ip -n " + pinging + " addr add 192.0.2.2/24 dev gvmi-down");
    need("ip -n " + sending + " link set gvmi-up up");
    need("ip -n " + pinging + " link set gvmi-down up");
    need(
        "ip netns exec "
            + sending
            + " tc qdisc add dev gvmi-up root tbf rate 10mbit burst 32kb limit "
            + MODEM_BYTES);
  }

  /** What a machine without the privilege or the tools does not have. */
  private static void need(String command) throws Exception {
    String failure = run(command);
    assumeTrue(failure.isEmpty(), () -> "cannot shape a link: " + command + ": " + failure);
  }

  /** Why it failed; empty if it did not. */
  private static String run(String command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? "" : "exit code " + code + " " + output.strip();
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @AfterEach
  void removeAll() throws Exception {
    for (Process process : started) {
      process.getOutputStream().close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    run("ip netns del " + sending);
    run("ip netns del " + pinging);
  }

  private BufferedReader peer(String namespace, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            LoadedPeer.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    started.add(process);
    return process.inputReader(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aPingIsAnsweredWhileStreamsFillTheUplink(int streams) throws Exception {
    BufferedReader sender = peer(sending, "send", "/ip4/192.0.2.1/tcp/0");
    String address = sender.lines().filter(line -> line.startsWith("/")).findFirst().orElseThrow();
    BufferedReader pinger =
        peer(pinging, "ping", address, Integer.toString(streams), Integer.toString(PINGS));
    Map<String, List<Double>> measured =
        pinger
            .lines()
            .map(line -> line.split(" "))
            .collect(
                groupingBy(
                    words -> words[0],
                    mapping(words -> Double.parseDouble(words[1]) / 1e3, toList())));
    assertThat(measured)
        .as("what the pinging process said")
        .containsOnlyKeys("idle", "full", "rate");
    double kilobytesPerSecond = measured.get("rate").getFirst();
    double[] idle = sorted(measured.get("idle"));
    double[] full = sorted(measured.get("full"));
    print("idle", idle);
    print("beside %d streams of %.0f kB/s".formatted(streams, kilobytesPerSecond), full);
    assertThat(kilobytesPerSecond).as("the uplink is full").isGreaterThan(FULL_KILOBYTES);
    assumeTrue(
        at(full, 95) < LIMIT_MILLIS || at(idle, 95) < BUSY_MILLIS,
        "the machine is too busy to answer a ping in time on an idle link");
    assertThat(at(full, 50)).as("median").isLessThan(LIMIT_MILLIS);
    assertThat(at(full, 95)).as("95 of 100").isLessThan(LIMIT_MILLIS);
  }

  private static double[] sorted(List<Double> millis) {
    return millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private static double at(double[] sorted, int percent) {
    return sorted[(sorted.length - 1) * percent / 100];
  }

  private static void print(String when, double[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "ping %s: min %.0f median %.0f p95 %.0f max %.0f ms%n",
        when,
        at(sorted, 0),
        at(sorted, 50),
        at(sorted, 95),
        at(sorted, 100));
  }
}
