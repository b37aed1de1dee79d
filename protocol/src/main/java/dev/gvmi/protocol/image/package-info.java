/**
 * What an image is called and how its file ends: ids, references, the trailer. Pure. Start at
 * {@link dev.gvmi.protocol.image.ImageId}.
 */
@NullMarked
package dev.gvmi.protocol.image;

import org.jspecify.annotations.NullMarked;
