package dev.gvmi.libp2p;

import java.time.Instant;

/**
 * A connection as it is now.
 *
 * @param security what encrypts it, as it was negotiated, for example {@code /noise}
 * @param muxer what carries its streams
 * @param receivedBytes on the wire, handshake included
 * @param sentBytes on the wire, those that wait to be sent included
 */
public record ConnectionInfo(
    Instant since,
    String security,
    String muxer,
    int streams,
    long receivedBytes,
    long sentBytes) {}
