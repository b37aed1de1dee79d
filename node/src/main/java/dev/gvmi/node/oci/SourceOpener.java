package dev.gvmi.node.oci;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds out what a source is, and opens it.
 *
 * <p>A packed archive, or one that comes from a pipe, cannot be read twice: it is first written,
 * unpacked, to a file in the spool folder.
 *
 * <p><b>Thread:</b> any; an interrupt ends it.
 */
public final class SourceOpener {
  private final SourceLimits limits;
  private final Path spoolFolder;

  /**
   * What of a source is wanted.
   *
   * @param tag which image, if there are several; or null
   * @param config configuration of a root file system, or null
   */
  public record Wanted(Platform platform, @Nullable String tag, @Nullable Path config) {}

  /**
   * An opener.
   *
   * @param spoolFolder where a file that is deleted again may be as large as the archive
   */
  public SourceOpener(SourceLimits limits, Path spoolFolder) {
    this.limits = limits;
    this.spoolFolder = spoolFolder;
  }

  /**
   * Opens a folder or a file.
   *
   * @throws InvalidSourceException if it is nothing from which an image is made
   */
  @MustBeClosed
  public ImageSource open(Path source, Wanted wanted) throws IOException {
    if (Files.isDirectory(source)) {
      return openFolder(source, wanted);
    }
    if (!Files.exists(source)) {
      throw new NoSuchFileException(source.toString(), null, "there is no such file");
    }
    if (!Files.isRegularFile(source)) {
      try (InputStream in = Files.newInputStream(source)) {
        return open(in, wanted);
      }
    }
    try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(source))) {
      if (Inflated.packing(in) != Inflated.Packing.PLAIN) {
        return open(in, wanted);
      }
    }
    FileChannel archive = FileChannel.open(source);
    return opened(archive, null, wanted);
  }

  /** Opens an archive that comes from a pipe, packed or not. */
  @MustBeClosed
  public ImageSource open(InputStream pipe, Wanted wanted) throws IOException {
    Path spooled = Files.createTempFile(spoolFolder, ".gvmi-spool-", ".tmp");
    FileChannel archive;
    try {
      try (InputStream in = Inflated.of(pipe);
          OutputStream out = Files.newOutputStream(spooled)) {
        spool(in, out);
      }
      archive = FileChannel.open(spooled);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(spooled);
      throw e;
    }
    return opened(archive, spooled, wanted);
  }

  private void spool(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[Blob.BUFFER_BYTES];
    long all = 0;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      all += count;
      if (all > limits.maxUnpackedBytes()) {
        throw new InvalidSourceException(
            "the archive has more than " + limits.maxUnpackedBytes() + " bytes");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new java.nio.channels.ClosedByInterruptException();
      }
      out.write(buffer, 0, count);
    }
  }

  @MustBeClosed
  private ImageSource opened(FileChannel archive, @Nullable Path spooled, Wanted wanted)
      throws IOException {
    try {
      return new ImageSource(find(archive, wanted), archive, spooled);
    } catch (IOException | RuntimeException e) {
      archive.close();
      if (spooled != null) {
        Files.deleteIfExists(spooled);
      }
      throw e;
    }
  }

  @MustBeClosed
  private ImageSource openFolder(Path folder, Wanted wanted) throws IOException {
    BlobStore files = name -> Blob.OfFile.find(folder.resolve(name));
    Optional<ImageSource.Found> found = layered(files, wanted);
    return new ImageSource(
        found.isPresent() ? found.get() : root(new FolderLayer(folder, limits), wanted),
        null,
        null);
  }

  private ImageSource.Found find(FileChannel archive, Wanted wanted) throws IOException {
    try {
      Optional<ImageSource.Found> layered = layered(Archive.index(archive, limits), wanted);
      if (layered.isPresent()) {
        return layered.get();
      }
    } catch (Archive.TooManyEntries e) {
      // then it is no archive of layers, but may well be a root file system
      assert e.getMessage() != null;
    }
    Blob all = new Blob.OfRegion(archive, 0, archive.size());
    return root(new TarLayer("the tar", all, null, null, limits), wanted);
  }

  /** Empty if it is neither of Docker's archives nor an OCI layout. */
  private Optional<ImageSource.Found> layered(BlobStore files, Wanted wanted) throws IOException {
    boolean layout =
        files.find(OciLayout.INDEX).isPresent() && files.find(OciLayout.MARK).isPresent();
    // since version 25 Docker writes both: tags are told in full by its own manifest, platforms by
    // the index
    if ((!layout || wanted.tag != null) && files.find(DockerArchive.MANIFEST).isPresent()) {
      JsonNode manifest = files.json(DockerArchive.MANIFEST, limits);
      if (DockerArchive.isManifest(manifest)) {
        return Optional.of(
            checked(new DockerArchive(files, limits).find(manifest, wanted.tag), wanted));
      }
    }
    return layout
        ? Optional.of(
            checked(new OciLayout(files, limits).find(wanted.platform, wanted.tag), wanted))
        : Optional.empty();
  }

  private static ImageSource.Found checked(ImageSource.Found found, Wanted wanted)
      throws InvalidSourceException {
    if (wanted.config != null) {
      throw new InvalidSourceException(
          "--config FILE is for a root file system: this source has a configuration of its own");
    }
    return found;
  }

  private ImageSource.Found root(EntrySource layer, Wanted wanted) throws IOException {
    if (wanted.tag != null) {
      throw new InvalidSourceException(
          "--tag is for archives and layouts: this is a root file system");
    }
    return new ImageSource.Found(config(wanted.config), "", List.of(layer));
  }

  private JsonNode config(@Nullable Path file) throws IOException {
    if (file == null) {
      return JsonMapper.shared().createObjectNode();
    }
    Blob blob =
        Blob.OfFile.find(file.toRealPath())
            .orElseThrow(() -> new InvalidSourceException("--config " + file + " is no file"));
    JsonNode config =
        BlobStore.parse(blob.bytes(limits.maxJsonBytes(), file.toString()), file.toString());
    if (!config.isObject()) {
      throw new InvalidSourceException(
          file + " is no OCI image configuration: it is no JSON object");
    }
    return config;
  }
}
