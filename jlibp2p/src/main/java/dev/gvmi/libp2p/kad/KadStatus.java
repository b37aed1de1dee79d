package dev.gvmi.libp2p.kad;

/**
 * How it stands.
 *
 * @param peers in the routing table
 * @param records provider records kept for others
 * @param provided keys that this node provides
 * @param announced of those, the ones that a peer has taken since the start
 */
public record KadStatus(KadMode mode, int peers, int records, int provided, int announced) {}
