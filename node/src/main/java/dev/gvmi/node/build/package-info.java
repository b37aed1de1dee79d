/**
 * From a source to a {@code .gvmi}: its layers are merged as a list of names, the merged tree is
 * streamed into {@code sqfstar}, the trailer is put behind. Nothing is unpacked to the disk, and
 * nothing needs root. Start at {@link dev.gvmi.node.build.ImageBuild}. Sees {@code node.oci},
 * {@code node.tar}, {@code node.advice} and the protocol module.
 */
@NullMarked
package dev.gvmi.node.build;

import org.jspecify.annotations.NullMarked;
