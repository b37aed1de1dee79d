package dev.gvmi.cli.output;

import dev.gvmi.node.build.BuildResult;

/**
 * An image that was built.
 *
 * @param image its hash
 * @param last whether nothing follows
 */
public record BuildDetails(BuildResult built, String image, String manifest, boolean last) {}
