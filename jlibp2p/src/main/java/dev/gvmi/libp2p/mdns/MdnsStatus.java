package dev.gvmi.libp2p.mdns;

/**
 * What discovery on the local network has done so far.
 *
 * @param links networks it takes part in, each address family for itself
 * @param problem why it takes no part in a network, the last one; empty if there was none
 * @param peers remembered now, on all networks
 * @param sent messages
 * @param received messages that were taken
 * @param refused messages that were malformed, over a limit, or from elsewhere
 * @param held times that reading paused, because more came than the limit allows
 */
public record MdnsStatus(
    int links, String problem, int peers, long sent, long received, long refused, long held) {}
