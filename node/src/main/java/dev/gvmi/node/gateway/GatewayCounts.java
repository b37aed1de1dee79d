package dev.gvmi.node.gateway;

/** Counts what the gateway answers. <b>Thread:</b> any; must not block. */
@FunctionalInterface
public interface GatewayCounts {
  /**
   * An answer has ended.
   *
   * @param status 0 if the connection was reset
   * @param sentBytes of its body
   */
  void answered(int status, long sentBytes);
}
