package dev.gvmi.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much is logged, on standard error: warnings, what a daemon tells its operator, everything of
 * ours with {@code -v}, errors only with {@code -q}.
 */
final class Logging {
  private Logging() {}

  static void configure(boolean verbose, boolean quiet, boolean daemon) {
    if (daemon && !quiet) {
      level("dev.gvmi.node.log", Level.INFO);
    }
    if (quiet) {
      level(org.slf4j.Logger.ROOT_LOGGER_NAME, Level.ERROR);
    }
    if (verbose) {
      level("dev.gvmi", Level.DEBUG);
    }
  }

  private static void level(String name, Level level) {
    if (LoggerFactory.getLogger(name) instanceof Logger logger) {
      logger.setLevel(level);
    }
  }
}
