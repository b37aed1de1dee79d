package dev.gvmi.bench.line;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * A line of a rate and a delay between two network devices, which are made here and may then be
 * moved to namespaces. All that TCP and QUIC do over a real one (acknowledgements, slow start, loss
 * of what the queue does not hold) they do over this.
 *
 * <pre>
 *   ThinLine DEVICE DEVICE MEGABITS ROUND_TRIP_MS QUEUE_MS    prints "ready"; at its end, on standard error, what went over it
 * </pre>
 *
 * {@code bench/thin_line.sh} uses it.
 */
public final class ThinLine {
  private ThinLine() {}

  public static void main(String[] args) throws Exception {
    TunDevice one = TunDevice.make(args[0]);
    TunDevice other = TunDevice.make(args[1]);
    LineSpeed speed =
        new LineSpeed(
            Double.parseDouble(args[2]),
            (long) (Double.parseDouble(args[3]) * 1e6 / 2),
            (long) (Double.parseDouble(args[4]) * 1e6));
    Direction there = new Direction("there", one, other, speed);
    Direction back = new Direction("back", other, one, speed);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> tell(there, back)));
    there.start();
    back.start();
    System.out.println("ready");
  }

  private static void tell(Direction there, Direction back) {
    double cpu =
        ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime()
            / 1e9;
    System.err.println(
        there.told() + "; " + back.told() + String.format(Locale.ROOT, "; %.1f CPU s", cpu));
  }
}
