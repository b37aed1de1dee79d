package dev.gvmi.cli.output;

/** What a file turned out to be. */
public record FileDetails(
    String image,
    String manifest,
    long bytes,
    int chunks,
    int segments,
    int segmentBytes,
    FileContent content) {}
