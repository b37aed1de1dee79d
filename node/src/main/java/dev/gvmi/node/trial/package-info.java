/**
 * An image booted as Golem's VM would: read-only squashfs, a small overlay in memory, empty folders
 * over the volumes. The kernel is one of this machine, the initial RAM disk is made here. Start at
 * {@link dev.gvmi.node.trial.Trial}.
 */
@NullMarked
package dev.gvmi.node.trial;

import org.jspecify.annotations.NullMarked;
