package dev.gvmi.libp2p;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection as it is now.
 *
 * @param security what encrypts it, as it was negotiated, for example {@code /noise}
 * @param muxer what carries its streams
 * @param receivedBytes on the wire, handshake included
 * @param sentBytes on the wire, those that wait to be sent included
 * @param roundTrip as the muxer measured it last; null before the first time
 */
public record ConnectionInfo(
    Instant since,
    String security,
    String muxer,
    int streams,
    long receivedBytes,
    long sentBytes,
    @Nullable Duration roundTrip) {
  /** How long a small message takes there and back, measured every half a minute. */
  public Optional<Duration> rtt() {
    return Optional.ofNullable(roundTrip);
  }
}
