package dev.gvmi.node.build;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.TreeFacts;
import java.nio.file.Path;
import java.util.List;

/**
 * What was built.
 *
 * @param sourceBytes of the layers as they are stored, 0 for a folder
 * @param layers how many
 * @param unpackedBytes of all files
 * @param imageBytes of the file made
 */
public record BuildResult(
    Path file,
    long sourceBytes,
    int layers,
    long unpackedBytes,
    long imageBytes,
    ContainerConfig config,
    TreeFacts tree,
    List<Finding> findings) {}
