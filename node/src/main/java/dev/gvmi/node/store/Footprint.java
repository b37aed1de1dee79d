package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What an image takes, and how much it is wanted.
 *
 * @param file where its data is
 * @param bytes of its files in the store; of a partial image those of its chunks
 * @param complete whole, damaged or not
 * @param leased somebody has a {@link ImageLease}
 * @param lastUsed when it was completed, read or used last, within minutes after a crash
 */
public record Footprint(
    ImageId image,
    Path file,
    long bytes,
    boolean complete,
    boolean pinned,
    boolean leased,
    Instant lastUsed) {}
