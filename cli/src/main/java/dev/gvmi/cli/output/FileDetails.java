package dev.gvmi.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file turned out to be.
 *
 * @param squashfs version and compression, or null when it does not begin with a squashfs
 * @param trailerKeys keys of the trailer's JSON, or null when it has no valid trailer
 */
public record FileDetails(
    String image,
    String manifest,
    long bytes,
    int chunks,
    int segments,
    int segmentBytes,
    @Nullable String squashfs,
    @Nullable List<String> trailerKeys) {}
