/**
 * Where an image is made from: a {@code docker save} archive, an OCI layout, or a root file system,
 * each as a folder or a tar, opened without an engine. What an archive says of itself is checked
 * while it is read: digests, lengths, bounds. Start at {@link dev.gvmi.node.oci.SourceOpener}. Sees
 * only {@code node.tar}.
 */
@NullMarked
package dev.gvmi.node.oci;

import org.jspecify.annotations.NullMarked;
