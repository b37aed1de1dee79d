package dev.gvmi.node.runtime.hook;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with the hook at one descriptor of the runtime.
 *
 * @param unit the exe-unit that the provider, or the wrapper, starts; null if the descriptor is odd
 * @param restart whether a provider runs that has read the descriptor before it was changed
 * @param message one line: what is wrong or to be done; may be empty
 */
public record HookReport(
    Path descriptor, State state, @Nullable Path unit, boolean restart, String message) {
  /** How it stands. */
  public enum State {
    NOT_INSTALLED,
    INSTALLED,
    /** It was installed, and an upgrade of the runtime has written its own descriptor since. */
    OVERWRITTEN,
    /** It is installed, and files of it are missing: the provider cannot start. */
    BROKEN,
    /** The descriptor is not one that this can change. */
    REFUSED
  }

  /** Whether what was asked for could not be done. */
  public boolean failed() {
    return state == State.REFUSED || state == State.BROKEN;
  }
}
