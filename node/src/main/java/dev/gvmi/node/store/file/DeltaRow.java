package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;

/**
 * What the index knows of the spans of an image.
 *
 * @param number stands for the image in the rows of its spans; no two images have the same
 * @param spans how many there are; 0: the image has no delta index
 * @param whole all of them are entered
 */
public record DeltaRow(ImageId image, int number, int spans, boolean whole) {}
