package dev.gvmi.node.store.file;

import java.time.InstantSource;

/** What all parts of one open store share. */
record Disk(
    DataDirectory directory,
    StoreIndex index,
    OpenFiles files,
    DiskThreads threads,
    InstantSource clock) {}
