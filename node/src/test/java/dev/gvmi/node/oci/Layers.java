package dev.gvmi.node.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import dev.gvmi.node.tar.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** A layer that a test makes, entry by entry. */
public final class Layers {
  private static final long SECONDS = 1_600_000_000;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter tar = new TarWriter(bytes);

  public Layers folder(String name, int mode) {
    return add(TarEntry.of(name, Kind.FOLDER, mode, SECONDS, 0), new byte[0]);
  }

  public Layers file(String name, String content) {
    return file(name, content.getBytes(UTF_8), 0644);
  }

  public Layers file(String name, byte[] content, int mode) {
    return add(TarEntry.of(name, Kind.FILE, mode, SECONDS, content.length), content);
  }

  public Layers symlink(String name, String target) {
    return link(name, Kind.SYMBOLIC_LINK, target);
  }

  public Layers hardLink(String name, String target) {
    return link(name, Kind.HARD_LINK, target);
  }

  private Layers link(String name, Kind kind, String target) {
    return add(
        new TarEntry(name, kind, 0777, 0, 0, SECONDS, 0, target, 0, 0, new TreeMap<>()),
        new byte[0]);
  }

  public Layers device(String name, Kind kind, int major, int minor) {
    return add(
        new TarEntry(name, kind, 0666, 0, 0, SECONDS, 0, "", major, minor, new TreeMap<>()),
        new byte[0]);
  }

  public Layers owned(
      String name, String content, long uid, long gid, int mode, Map<String, String> xattrs) {
    byte[] bytes = content.getBytes(UTF_8);
    return add(
        new TarEntry(
            name,
            Kind.FILE,
            mode,
            uid,
            gid,
            SECONDS,
            bytes.length,
            "",
            0,
            0,
            new TreeMap<>(xattrs)),
        bytes);
  }

  public Layers add(TarEntry entry, byte[] content) {
    try {
      tar.put(entry.withName(ByteText.fromUtf8(entry.name())));
      tar.write(content, content.length);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] tar() {
    try {
      tar.finish();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
