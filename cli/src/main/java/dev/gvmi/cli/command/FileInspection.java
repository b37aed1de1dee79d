package dev.gvmi.cli.command;

import dev.gvmi.cli.output.FileDetails;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.image.SquashfsHeader;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@code .gvmi} file on disk: what its header says, what its trailer holds, and its manifest. */
final class FileInspection {
  private FileInspection() {}

  static FileDetails of(Path file) throws IOException, InvalidImageException {
    try (ImageFile image = ImageFile.open(file)) {
      Manifest manifest =
          image
              .hash(DigestAlgorithm.SHA3_224, new ScalarSegmentHasher(), bytes -> {})
              .manifest();
      var geometry = manifest.geometry();
      return new FileDetails(
          manifest.image().hex(),
          manifest.id().hex(),
          geometry.sizeBytes(),
          geometry.chunkCount(),
          geometry.segmentCount(),
          geometry.segmentBytes(),
          squashfs(image),
          trailerKeys(image));
    }
  }

  private static @Nullable String squashfs(ImageFile image) throws IOException {
    try {
      SquashfsHeader header = image.header();
      String compression = header.compression().name().toLowerCase(Locale.ROOT);
      return "4.0, " + compression + ", " + header.inodes() + " inodes";
    } catch (InvalidImageException e) {
      return null;
    }
  }

  private static @Nullable List<String> trailerKeys(ImageFile image) throws IOException {
    try {
      return List.copyOf(image.trailer().propertyNames());
    } catch (InvalidImageException e) {
      return null;
    }
  }
}
