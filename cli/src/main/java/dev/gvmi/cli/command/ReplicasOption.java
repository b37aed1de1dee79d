package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.HolderSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options {@code --replicas N} and {@code --wait DURATION}: to see an image spread before the
 * command ends.
 */
final class ReplicasOption {
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration DEFAULT_WAIT = Duration.ofMinutes(10);
  private static final int MAX_REPLICAS = 1000;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Wait until N other nodes hold all of it, and show how it spreads.")
  private int replicas;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Wait for --replicas so long at most. Default: 10m.")
  private @Nullable Duration wait;

  boolean isGiven() {
    return replicas > 0;
  }

  /** {@link ServiceException} if the options do not go together. */
  void check() {
    if (replicas < 0 || replicas > MAX_REPLICAS) {
      throw usage("--replicas " + replicas + ": a number from 1 to " + MAX_REPLICAS);
    }
    if (wait != null && replicas == 0) {
      throw usage("--wait is how long --replicas waits: give both");
    }
  }

  private static ServiceException usage(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }

  /** Returns when enough others hold the image, or the time is up; tells of each change. */
  Outcome await(NodeService node, String image, CommandContext context)
      throws InterruptedException {
    long start = System.nanoTime();
    Duration limit = Objects.requireNonNullElse(wait, DEFAULT_WAIT);
    String told = "";
    while (true) {
      List<HolderSummary> holders = node.find(new FindRequest(image, List.of(), LOOK)).holders();
      long complete = holders.stream().filter(HolderSummary::complete).count();
      String state = complete + " complete, " + (holders.size() - complete) + " partial";
      double seconds = (System.nanoTime() - start) / 1e9;
      if (!state.equals(told)) {
        told = state;
        context
            .output()
            .note(
                String.format(
                    Locale.ROOT,
                    "held by others after %.1f s: %s; %d bytes sent",
                    seconds,
                    state,
                    node.status().sentBytes()));
      }
      if (complete >= replicas) {
        return Outcome.COMPLETE;
      }
      if (seconds > limit.toMillis() / 1000.0) {
        context
            .output()
            .note(
                "only "
                    + complete
                    + " of "
                    + replicas
                    + " others hold all of it when the time was up");
        return Outcome.TIMED_OUT;
      }
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
  }
}
