package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import java.util.OptionalInt;

/** A subcommand, parsed. Failures are {@link dev.gvmi.node.control.ServiceException}. */
public interface NodeCommand {
  Outcome run(CommandContext context) throws InterruptedException;

  /** The exit code of a program that it ran, which then is the one of this process. */
  default OptionalInt programCode() {
    return OptionalInt.empty();
  }

  /** Whether it runs until it is stopped, and so logs for an operator. */
  default boolean isDaemon() {
    return false;
  }

  /** Whether it needs what the configuration file says, and fails if that is wrong. */
  default boolean isConfigured() {
    return true;
  }
}
