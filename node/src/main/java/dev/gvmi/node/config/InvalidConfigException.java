package dev.gvmi.node.config;

import java.util.List;

/** A configuration file says something that it may not. */
public final class InvalidConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  InvalidConfigException(List<String> problems) {
    super(problems.getFirst());
    this.problems = List.copyOf(problems);
  }

  InvalidConfigException(String problem) {
    this(List.of(problem));
  }

  /**
   * One line each: {@code file:line:column: what is wrong; what is allowed}. The first is the
   * message.
   */
  public List<String> problems() {
    return problems;
  }
}
