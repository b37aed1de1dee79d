package dev.gvmi.cli.output;

import dev.gvmi.node.control.NodeService.PrefetchResult;

/**
 * What the demonstration saw.
 *
 * @param digest SHA3 of the placed file, computed by the demonstration itself; empty when there is
 *     none
 * @param kept whether the files stay
 */
public record DemoResult(PrefetchResult fetched, String digest, boolean verified, boolean kept) {}
