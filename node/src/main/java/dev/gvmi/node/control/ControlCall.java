package dev.gvmi.node.control;

import static java.util.Objects.requireNonNull;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of the control port; the path of a call is its name in lower case. */
enum ControlCall {
  PUBLISH,
  PREFETCH,
  LIST,
  INSPECT,
  SHARED,
  STATUS,
  AUDITABLE,
  VERIFY,
  REMOVE,
  FIND,
  PIN,
  PEERS,
  BANS,
  LIMITS,
  LIMIT,
  STOP;

  /** Bytes of a call's body at most. */
  static final int MAX_BODY_BYTES = 1 << 20;

  private static final int MAX_MESSAGE_CHARS = 300;

  /** What INSPECT is asked. */
  record InspectRequest(String image) {
    InspectRequest {
      requireNonNull(image, "image is missing");
    }
  }

  /** What a call is asked; a {@link ServiceException} of kind USAGE if the body does not say it. */
  static <T> T read(byte[] body, Class<T> type) {
    try {
      T request = JsonMapper.shared().readValue(body, type);
      if (request == null) {
        throw new ServiceException(ServiceException.Kind.USAGE, "malformed call: null");
      }
      return request;
    } catch (JacksonException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "malformed call: " + inLine(e.getOriginalMessage()), e);
    }
  }

  /** The parser's message quotes the body. */
  private static String inLine(String message) {
    String head = message.substring(0, Math.min(MAX_MESSAGE_CHARS, message.length()));
    return head.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
  }

  /** One line of an answer: exactly one of the three is not null. */
  record Line(
      @Nullable ProgressEvent progress, @Nullable JsonNode result, @Nullable Failure failure) {}

  /** How a call failed. */
  record Failure(ServiceException.Kind kind, String message) {}
}
