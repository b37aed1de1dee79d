package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;

/**
 * Where the bytes of a span lie, as far as the index knows.
 *
 * @param image a complete image that was held when it was looked up
 */
public record SpanPlace(ImageId image, long offsetBytes, int lengthBytes) {}
