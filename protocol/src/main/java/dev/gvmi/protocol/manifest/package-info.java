/**
 * The parts of an image: geometry, chunk hashes, checkpoints. Pure. Start at {@link
 * dev.gvmi.protocol.manifest.Manifest}.
 */
@NullMarked
package dev.gvmi.protocol.manifest;

import org.jspecify.annotations.NullMarked;
