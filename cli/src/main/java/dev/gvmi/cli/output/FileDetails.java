package dev.gvmi.cli.output;

import org.jspecify.annotations.Nullable;

/** What a file turned out to be. */
public record FileDetails(
    String image,
    String manifest,
    long bytes,
    int chunks,
    int segments,
    int segmentBytes,
    FileContent content) {
  /** The same, with how much of it lies in images that are held. */
  public FileDetails sharing(@Nullable Long shared) {
    return new FileDetails(
        image, manifest, bytes, chunks, segments, segmentBytes, content.sharing(shared));
  }
}
