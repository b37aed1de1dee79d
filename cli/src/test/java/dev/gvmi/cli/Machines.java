package dev.gvmi.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two machines on a cable: network namespaces with addresses {@code 10.77.0.N} and {@code fd77::N},
 * which are gone when it is closed. A test that has not the privilege, or not iproute2, is skipped.
 */
final class Machines implements AutoCloseable {
  private final String prefix = "gvmi-cli" + ProcessHandle.current().pid() + "-";

  private Machines() {}

  static Machines two() {
    Machines machines = new Machines();
    try {
      machines.lay();
      return machines;
    } catch (RuntimeException e) {
      machines.close();
      throw e;
    }
  }

  private void lay() {
    need("ip netns add " + name(1));
    need("ip netns add " + name(2));
    need(
        "ip link add name lan netns %s type veth peer name lan netns %s"
            .formatted(name(1), name(2)));
    for (int machine = 1; machine <= 2; machine++) {
      ip(machine, "link set lan addrgenmode none");
      ip(machine, "addr add 10.77.0." + machine + "/24 dev lan");
      ip(machine, "addr add fd77::" + machine + "/64 nodad dev lan");
      ip(machine, "link set lo up");
      ip(machine, "link set lan up");
    }
  }

  private String name(int machine) {
    return prefix + machine;
  }

  private void ip(int machine, String command) {
    need("ip -n " + name(machine) + " " + command);
  }

  /** What starts a program on a machine. */
  List<String> starter(int machine) {
    return List.of("ip", "netns", "exec", name(machine));
  }

  /** Whether a program on the machine takes part in multicast DNS: port 5353. */
  boolean usesMulticastDns(int machine) {
    return sockets(machine, "udp").anyMatch(socket -> socket.contains(":14E9 "));
  }

  /** Whether the machine has a TCP connection to another one. */
  boolean isConnected(int machine) {
    return sockets(machine, "tcp")
        .anyMatch(socket -> socket.matches(".*: (?!0100007F:)\\w+:\\w+ \\w+:\\w+ 01 .*"));
  }

  private Stream<String> sockets(int machine, String protocol) {
    return Stream.of(protocol, protocol + "6")
        .map(table -> run("ip netns exec " + name(machine) + " cat /proc/net/" + table))
        .flatMap(table -> table.output().lines());
  }

  private static void need(String command) {
    Ended ended = run(command);
    assumeTrue(
        ended.code() == 0, () -> "no network of its own: " + command + ": " + ended.output());
  }

  private record Ended(int code, String output) {}

  private static Ended run(String command) {
    try {
      Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), output.strip());
    } catch (IOException e) {
      return new Ended(-1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ended(-1, "interrupted");
    }
  }

  @Override
  public void close() {
    run("ip netns del " + name(1));
    run("ip netns del " + name(2));
  }
}
