package dev.gvmi.node.oci;

import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarException;
import dev.gvmi.node.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tar around an image: where in it which file lies. Its files are not unpacked.
 *
 * <p>Old {@code docker save} archives name a layer that two images share by a symbolic link: it is
 * followed, within the archive.
 */
final class Archive implements BlobStore {
  private static final int MAX_LINKS = 8;

  private final Map<String, Blob> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();

  private Archive() {}

  static Archive index(FileChannel channel, SourceLimits limits) throws IOException {
    Archive archive = new Archive();
    long size = channel.size();
    try (Counted in = new Counted(new Blob.OfRegion(channel, 0, size).open())) {
      TarReader tar = new TarReader(in, limits.tar());
      int entries = 0;
      for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
        if (++entries > limits.maxArchiveEntries()) {
          throw new TooManyEntries();
        }
        archive.add(entry.get(), new Blob.OfRegion(channel, in.at, entry.get().sizeBytes()), size);
      }
    } catch (TarException e) {
      throw new InvalidSourceException("the archive: " + e.getMessage());
    }
    return archive;
  }

  /** A root file system has more entries than an archive of layers. */
  static final class TooManyEntries extends IOException {
    private static final long serialVersionUID = 1L;

    private TooManyEntries() {
      super("the archive has too many entries");
    }
  }

  private void add(TarEntry entry, Blob.OfRegion content, long size) throws InvalidSourceException {
    String name = plain(ByteText.toUtf8(entry.name()));
    switch (entry.kind()) {
      case FILE -> {
        if (content.offsetBytes() + content.sizeBytes() > size) {
          throw new InvalidSourceException("the archive is truncated in " + name);
        }
        files.put(name, content);
      }
      case SYMBOLIC_LINK -> links.put(name, resolved(name, ByteText.toUtf8(entry.link())));
      case HARD_LINK -> links.put(name, plain(ByteText.toUtf8(entry.link())));
      case FOLDER, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
        // an archive of layers has no use for them
      }
    }
  }

  private static String plain(String name) {
    String rest = name;
    while (rest.startsWith("./") || rest.startsWith("/")) {
      rest = rest.substring(rest.indexOf('/') + 1);
    }
    return rest;
  }

  private static String resolved(String from, String target) {
    String base = from.substring(0, Math.max(0, from.lastIndexOf('/')));
    for (String part : target.split("/", -1)) {
      if (part.equals("..")) {
        base = base.substring(0, Math.max(0, base.lastIndexOf('/')));
      } else if (!part.isEmpty() && !part.equals(".")) {
        base = base.isEmpty() ? part : base + "/" + part;
      }
    }
    return base;
  }

  @Override
  public Optional<Blob> find(String name) {
    String at = plain(name);
    for (int i = 0; i < MAX_LINKS && !files.containsKey(at) && links.containsKey(at); i++) {
      at = links.get(at);
    }
    return Optional.ofNullable(files.get(at));
  }

  /** Knows how far it was read, whatever is buffered below. */
  private static final class Counted extends InputStream {
    private final InputStream in;
    private long at;

    Counted(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      at += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      at += Math.max(0, count);
      return count;
    }

    @Override
    public long skip(long bytes) throws IOException {
      long count = in.skip(bytes);
      at += count;
      return count;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
