package dev.gvmi.cli;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;

/** The exit codes of the process, and the one place that maps outcomes and failures to them. */
enum ExitCode {
  DONE(0),
  INTERNAL(1),
  USAGE(2),
  NOT_FOUND(3),
  VERIFICATION_FAILED(4),
  NO_SPACE(5),
  TIMED_OUT(6),
  UNREACHABLE(7),
  NOT_PLACED(8),
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static ExitCode of(Outcome outcome) {
    return switch (outcome) {
      case COMPLETE -> DONE;
      case NOT_FOUND, INCOMPLETE -> NOT_FOUND;
      case VERIFICATION_FAILED -> VERIFICATION_FAILED;
      case NO_SPACE -> NO_SPACE;
      case TIMED_OUT -> TIMED_OUT;
      case NOT_PLACED -> NOT_PLACED;
    };
  }

  static ExitCode of(ServiceException.Kind kind) {
    return switch (kind) {
      case INTERNAL -> INTERNAL;
      case USAGE -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case VERIFICATION -> VERIFICATION_FAILED;
      case NO_SPACE -> NO_SPACE;
      case TIMED_OUT -> TIMED_OUT;
      case UNREACHABLE -> UNREACHABLE;
      case NOT_PLACED -> NOT_PLACED;
      case INTERRUPTED -> INTERRUPTED;
    };
  }

  static ExitCode of(Exception failure) {
    if (failure instanceof ServiceException service) {
      return of(service.kind());
    }
    return failure instanceof InterruptedException ? INTERRUPTED : INTERNAL;
  }
}
