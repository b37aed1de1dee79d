package dev.gvmi.cli.output;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.TreeFacts;
import dev.gvmi.protocol.image.SquashfsHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in an image's file.
 *
 * @param squashfs null when it does not begin with a sound superblock
 * @param trailer its JSON text, null when it has no sound trailer
 * @param config what the trailer says, null without one
 * @param tree what the files amount to, null if they could not be listed
 * @param damage what is broken, a line each
 * @param sharedBytes that images held have too, null if that is not known
 */
public record FileContent(
    @Nullable SquashfsHeader squashfs,
    @Nullable String trailer,
    @Nullable ContainerConfig config,
    @Nullable TreeFacts tree,
    List<String> damage,
    List<Finding> findings,
    @Nullable Long sharedBytes) {
  /** The same, with how much of it lies in images that are held. */
  public FileContent sharing(@Nullable Long bytes) {
    return new FileContent(squashfs, trailer, config, tree, damage, findings, bytes);
  }
}
