package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.time.Instant;

/**
 * What the index knows of a complete image.
 *
 * @param stamp the file as it was when it was verified
 */
public record ImageRow(ImageId image, ManifestId manifest, FileStamp stamp, Instant completedAt) {
  ImageRow withStamp(FileStamp now) {
    return new ImageRow(image, manifest, now, completedAt);
  }
}
