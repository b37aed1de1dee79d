package dev.gvmi.node.control;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The calls of the control port; the path of a call is its name in lower case. */
enum ControlCall {
  PUBLISH,
  PREFETCH,
  LIST,
  INSPECT,
  STATUS,
  STOP;

  /** Bytes of a call's body at most. */
  static final int MAX_BODY_BYTES = 1 << 20;

  /** What INSPECT is asked. */
  record InspectRequest(String image) {}

  /** One line of an answer: exactly one of the three is not null. */
  record Line(
      @Nullable ProgressEvent progress, @Nullable JsonNode result, @Nullable Failure failure) {}

  /** How a call failed. */
  record Failure(ServiceException.Kind kind, String message) {}
}
