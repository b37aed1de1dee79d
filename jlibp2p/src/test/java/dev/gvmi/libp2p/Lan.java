package dev.gvmi.libp2p;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two machines on a cable: network namespaces {@link #name 1 and 2} with an interface {@code lan},
 * which are gone when it is closed. A test that has not the privilege, or not iproute2, is skipped.
 */
public final class Lan implements AutoCloseable {
  private static final String INTERFACE = "lan";

  private static final AtomicInteger NEXT = new AtomicInteger();

  private final String prefix =
      "gvmi-lan" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + "-";

  /** Which addresses the machines have: {@code 10.77.0.N}, {@code fd77::N}. */
  public enum Addresses {
    IP4,
    IP6,
    BOTH
  }

  private Lan() {}

  public static Lan of(Addresses addresses) {
    Lan lan = new Lan();
    try {
      lan.lay(addresses);
      return lan;
    } catch (RuntimeException e) {
      lan.close();
      throw e;
    }
  }

  private void lay(Addresses addresses) {
    need("ip netns add " + name(1));
    need("ip netns add " + name(2));
    need(
        "ip link add name %s netns %s type veth peer name %s netns %s"
            .formatted(INTERFACE, name(1), INTERFACE, name(2)));
    for (int machine = 1; machine <= 2; machine++) {
      // a link-local address would be tentative for some seconds
      need("ip -n %s link set %s addrgenmode none".formatted(name(machine), INTERFACE));
      if (addresses != Addresses.IP6) {
        ip(machine, "addr add 10.77.0." + machine + "/24 dev " + INTERFACE);
      }
      if (addresses != Addresses.IP4) {
        ip(machine, "addr add fd77::" + machine + "/64 nodad dev " + INTERFACE);
      }
      ip(machine, "link set lo up");
      plug(machine);
    }
  }

  public String name(int machine) {
    return prefix + machine;
  }

  /** Sets up what a machine has. */
  public void ip(int machine, String command) {
    need("ip -n " + name(machine) + " " + command);
  }

  /** Between interfaces {@code other} with addresses {@code 10.78.0.N}. */
  public void secondCable() {
    need(
        "ip link add name other netns %s type veth peer name other netns %s"
            .formatted(name(1), name(2)));
    for (int machine = 1; machine <= 2; machine++) {
      ip(machine, "link set other addrgenmode none");
      ip(machine, "addr add 10.78.0." + machine + "/24 dev other");
      ip(machine, "link set other up");
    }
  }

  public void plug(int machine) {
    ip(machine, "link set " + INTERFACE + " up");
  }

  public void unplug(int machine) {
    ip(machine, "link set " + INTERFACE + " down");
  }

  /** The command that runs one on a machine. */
  public List<String> on(int machine, List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(machine)));
    all.addAll(command);
    return all;
  }

  private static void need(String command) {
    String failure = run(command);
    assumeTrue(failure.isEmpty(), () -> "no network of its own: " + command + ": " + failure);
  }

  /** Why it failed; empty if it did not. */
  private static String run(String command) {
    try {
      Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? "" : "exit code " + code + " " + output.strip();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  @Override
  public void close() {
    run("ip netns del " + name(1));
    run("ip netns del " + name(2));
  }
}
