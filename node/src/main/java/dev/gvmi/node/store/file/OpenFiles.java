package dev.gvmi.node.store.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Open data files, one channel per path, the least recently used closed first. Files that are
 * leased stay open, so the limit may be passed for a moment by as many as are in use.
 *
 * <p>Data is read and written by position, not mapped: what is resident is memory, and a truncated
 * file is an exception.
 *
 * <p><b>Thread:</b> the store's.
 */
final class OpenFiles implements AutoCloseable {
  private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ);
  private static final Set<OpenOption> WRITE =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

  private final int limit;

  @GuardedBy("this")
  private final Map<Path, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  OpenFiles(int limit) {
    this.limit = limit;
  }

  /** Leases the file for reading; opens it if it is not. */
  Lease read(Path file) throws IOException {
    return lease(file, READ);
  }

  /**
   * Leases the file for reading and writing. A path is either always read or always written until
   * it is forgotten.
   */
  Lease write(Path file) throws IOException {
    return lease(file, WRITE);
  }

  /** Closes the file as soon as nobody uses it; a later lease opens what is at the path then. */
  synchronized void forget(Path file) throws IOException {
    Entry entry = entries.remove(file);
    if (entry != null) {
      entry.forgotten = true;
      entry.closeIfDone();
    }
  }

  synchronized int size() {
    return entries.size();
  }

  @Override
  public synchronized void close() throws IOException {
    for (Entry entry : entries.values()) {
      entry.channel.close();
    }
    entries.clear();
  }

  private synchronized Lease lease(Path file, Set<OpenOption> options) throws IOException {
    Entry entry = entries.get(file);
    boolean opened = entry == null;
    if (entry == null) {
      entry = new Entry(FileChannel.open(file, options));
      entries.put(file, entry);
    }
    entry.leases++;
    closeEldest();
    return new Lease(entry, opened);
  }

  @GuardedBy("this")
  private void closeEldest() throws IOException {
    Iterator<Entry> eldest = entries.values().iterator();
    while (entries.size() > limit && eldest.hasNext()) {
      Entry entry = eldest.next();
      if (entry.leases == 0) {
        eldest.remove();
        entry.channel.close();
      }
    }
  }

  private synchronized void release(Entry entry) throws IOException {
    entry.leases--;
    entry.closeIfDone();
  }

  /** A channel and who uses it; changed under the lock of the table. */
  private static final class Entry {
    private final FileChannel channel;
    private int leases;
    private boolean forgotten;

    Entry(FileChannel channel) {
      this.channel = channel;
    }

    void closeIfDone() throws IOException {
      if (forgotten && leases == 0) {
        channel.close();
      }
    }
  }

  /** The right to use an open file. <b>Thread:</b> the store's; each lease is closed once. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private final boolean opened;

    private Lease(Entry entry, boolean opened) {
      this.entry = entry;
      this.opened = opened;
    }

    /** Whether the file was opened for this lease. */
    boolean opened() {
      return opened;
    }

    /** A second lease of the very same descriptor. */
    Lease again() {
      synchronized (OpenFiles.this) {
        entry.leases++;
      }
      return new Lease(entry, false);
    }

    void read(long offsetBytes, ByteBuffer... targets) throws IOException {
      long at = offsetBytes;
      for (ByteBuffer target : targets) {
        while (target.hasRemaining()) {
          int n = entry.channel.read(target, at);
          if (n < 0) {
            throw new EOFException("the file ends at byte " + at);
          }
          at += n;
        }
      }
    }

    void write(long offsetBytes, ByteBuffer source) throws IOException {
      long at = offsetBytes;
      while (source.hasRemaining()) {
        at += entry.channel.write(source, at);
      }
    }

    /** Cuts off what is beyond; a file that is shorter stays so. */
    void truncate(long sizeBytes) throws IOException {
      entry.channel.truncate(sizeBytes);
    }

    /** fdatasync(2). */
    void syncData() throws IOException {
      entry.channel.force(false);
    }

    /** fsync(2). */
    void sync() throws IOException {
      entry.channel.force(true);
    }

    @Override
    public void close() throws IOException {
      release(entry);
    }
  }
}
