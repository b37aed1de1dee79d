package dev.gvmi.node.gateway;

import java.util.List;

/**
 * Whether a node can do its work.
 *
 * @param faults why it cannot; none if it can
 * @param notes what is not as it should be, and does not keep it from working
 */
public record Readiness(List<String> faults, List<String> notes) {
  public Readiness {
    faults = List.copyOf(faults);
    notes = List.copyOf(notes);
  }

  public boolean isReady() {
    return faults.isEmpty();
  }
}
