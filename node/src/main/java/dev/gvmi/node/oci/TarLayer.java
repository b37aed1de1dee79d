package dev.gvmi.node.oci;

import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarException;
import dev.gvmi.node.tar.TarReader;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer that is a tar, packed or not.
 *
 * @param packed digest of the blob, or null if nothing says
 * @param unpacked digest of the tar, or null if nothing says
 */
record TarLayer(
    String name, Blob blob, @Nullable Digest packed, @Nullable Digest unpacked, SourceLimits limits)
    implements EntrySource {
  @Override
  public long storedBytes() {
    return blob.sizeBytes();
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    try (CheckedLayer layer = new CheckedLayer(name, blob, packed, unpacked, limits)) {
      TarReader tar = new TarReader(layer.stream(), limits.tar());
      for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
        visitor.entry(entry.get(), tar::read);
      }
      layer.finish();
      // builders exist that leave the mark out; then only the digest tells a whole layer from a
      // part
      if (!tar.endMarked() && packed == null && unpacked == null) {
        throw new InvalidSourceException(name + " is truncated: the mark of its end is missing");
      }
    } catch (TarException e) {
      throw new InvalidSourceException(name + ": " + e.getMessage());
    } catch (java.io.EOFException e) {
      throw new InvalidSourceException(name + " is truncated");
    } catch (com.github.luben.zstd.ZstdIOException | java.util.zip.ZipException e) {
      throw new InvalidSourceException(name + " cannot be unpacked: " + e.getMessage());
    }
  }
}
