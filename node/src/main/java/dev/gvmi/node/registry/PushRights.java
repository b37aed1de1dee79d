package dev.gvmi.node.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who may push. The clients of the registry send their token with a login and with a tag, and with
 * nothing else: so an address whose token was right may push for a while. Programs of this machine
 * may push without one; tags need it always.
 *
 * <p><b>Thread:</b> any.
 */
final class PushRights {
  private final PushToken token;
  private final RegistryLimits limits;
  private final InstantSource clock;

  @GuardedBy("this")
  private final Map<InetAddress, Instant> proven = new LinkedHashMap<>();

  PushRights(PushToken token, RegistryLimits limits, InstantSource clock) {
    this.token = token;
    this.limits = limits;
    this.clock = clock;
  }

  /** Whether the token is right; its client is remembered then. */
  boolean prove(Caller caller, String presented) {
    if (!token.is(presented)) {
      return false;
    }
    if (!caller.isForwarded()) {
      remember(caller.address());
    }
    return true;
  }

  private synchronized void remember(InetAddress address) {
    proven.remove(address);
    proven.put(address, clock.instant());
    if (proven.size() > limits.provenClients()) {
      proven.remove(proven.keySet().iterator().next());
    }
  }

  /** Whether its token was right, now or of late. */
  boolean isProven(Caller caller) {
    if (caller.bearer() != null && token.is(caller.bearer())) {
      return true;
    }
    synchronized (this) {
      Instant since = caller.isForwarded() ? null : proven.get(caller.address());
      return since != null && clock.instant().isBefore(since.plus(limits.provenFor()));
    }
  }

  void requireMayPush(Caller caller) throws RefusedException {
    if (!caller.isLocal() && !isProven(caller)) {
      throw new RefusedException(
          401,
          "log in with the token of this node first (REGISTRY_USER and REGISTRY_TOKEN), or send it as Authorization: Bearer");
    }
  }
}
