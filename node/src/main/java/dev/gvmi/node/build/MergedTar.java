package dev.gvmi.node.build;

import dev.gvmi.node.oci.EntrySource;
import dev.gvmi.node.oci.InvalidSourceException;
import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import dev.gvmi.node.tar.TarWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * The second reading of the layers: what the plan keeps is written as one tar, the rest is passed
 * over.
 *
 * <p><b>Thread:</b> one; an interrupt ends it.
 */
final class MergedTar {
  private static final int BUFFER_BYTES = 1 << 17;

  /** Name spaces that squashfs can hold; others, such as POSIX ACLs, are left out. */
  private static final List<String> XATTRS = List.of("user.", "trusted.", "security.");

  private final MergePlan plan;
  private final TarWriter tar;
  private final long latestSeconds;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long done;

  MergedTar(MergePlan plan, OutputStream out, long latestSeconds) {
    this.plan = plan;
    this.tar = new TarWriter(new Pipe(out));
    this.latestSeconds = latestSeconds;
  }

  void write(List<EntrySource> layers, LongConsumer progress) throws IOException {
    for (TarEntry folder : plan.folders()) {
      tar.put(kept(folder));
    }
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      int[] number = {0};
      layers
          .get(i)
          .read((entry, content) -> {
            if (Thread.currentThread().isInterrupted()) {
              throw new ClosedByInterruptException();
            }
            Optional<List<String>> names = plan.names(layer, number[0]++);
            if (names.isPresent()) {
              write(entry, names.get(), content);
              progress.accept(done);
            }
          });
    }
    tar.finish();
  }

  private void write(TarEntry entry, List<String> names, EntrySource.Content content)
      throws IOException {
    String first = names.getFirst();
    tar.put(kept(entry.withName(first)));
    long left = entry.sizeBytes();
    while (left > 0) {
      int count = content.read(buffer);
      if (count < 0 || count > left) {
        throw changed(first);
      }
      tar.write(buffer, count);
      left -= count;
      done += count;
    }
    for (String other : names.subList(1, names.size())) {
      tar.put(kept(entry).asHardLink(other, first));
    }
  }

  private static InvalidSourceException changed(String name) {
    return new InvalidSourceException(
        ByteText.toUtf8(name)
            + " changed while it was read; try again when nothing writes to the source");
  }

  /** Symbolic links have no mode of their own: squashfs shows 0777 for all. */
  private TarEntry kept(TarEntry entry) {
    SortedMap<String, String> xattrs = new TreeMap<>(entry.xattrs());
    xattrs.keySet().removeIf(name -> XATTRS.stream().noneMatch(name::startsWith));
    return new TarEntry(
        entry.name(),
        entry.kind(),
        entry.kind() == Kind.SYMBOLIC_LINK ? 0777 : entry.mode(),
        entry.uid(),
        entry.gid(),
        Math.min(entry.seconds(), latestSeconds),
        entry.sizeBytes(),
        entry.link(),
        entry.major(),
        entry.minor(),
        xattrs);
  }

  /** Tells a broken pipe from a source that cannot be read. */
  private static final class Pipe extends FilterOutputStream {
    Pipe(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new ToolGaveUpException(e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        throw new ToolGaveUpException(e);
      }
    }
  }
}
