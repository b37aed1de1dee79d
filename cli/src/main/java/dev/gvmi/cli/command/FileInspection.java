package dev.gvmi.cli.command;

import dev.gvmi.cli.output.FileContent;
import dev.gvmi.cli.output.FileDetails;
import dev.gvmi.node.advice.Advice;
import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.advice.TreeFacts;
import dev.gvmi.node.build.Unsquashfs;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.image.SquashfsHeader;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A {@code .gvmi} file on disk: its hash and manifest, what its header and its trailer say, and
 * what is in it.
 */
final class FileInspection {
  private final ImageFile image;
  private final Path file;
  private final List<String> damage = new ArrayList<>();
  private final List<Finding> notes = new ArrayList<>();

  private FileInspection(ImageFile image, Path file) {
    this.image = image;
    this.file = file;
  }

  /** Hash, manifest and content. */
  static FileDetails of(Path file, String searchPath, Consumer<ListedFile> files)
      throws IOException, InvalidImageException {
    try (ImageFile image = ImageFile.open(file)) {
      Manifest manifest =
          image.hash(DigestAlgorithm.SHA3_224, new ScalarSegmentHasher(), bytes -> {}).manifest();
      var geometry = manifest.geometry();
      return new FileDetails(
          manifest.image().hex(),
          manifest.id().hex(),
          geometry.sizeBytes(),
          geometry.chunkCount(),
          geometry.segmentCount(),
          geometry.segmentBytes(),
          new FileInspection(image, file).content(searchPath, files));
    }
  }

  /** Content alone: of an image whose hash is known. */
  static FileContent content(Path file, String searchPath, Consumer<ListedFile> files)
      throws IOException, InvalidImageException {
    try (ImageFile image = ImageFile.open(file)) {
      return new FileInspection(image, file).content(searchPath, files);
    }
  }

  private FileContent content(String searchPath, Consumer<ListedFile> files) throws IOException {
    SquashfsHeader header = header();
    JsonNode trailer = trailer();
    ContainerConfig config = trailer == null ? null : ContainerConfig.of(trailer);
    TreeFacts tree = header == null ? null : tree(searchPath, config, files);
    List<Finding> findings = new ArrayList<>(notes);
    if (config != null) {
      Optional<SquashfsHeader.Compression> compression =
          Optional.ofNullable(header).map(SquashfsHeader::compression);
      findings.addAll(Advice.of(config, Optional.ofNullable(tree), compression));
    }
    return new FileContent(
        header,
        trailer == null ? null : trailer.toString(),
        config,
        tree,
        List.copyOf(damage),
        List.copyOf(findings),
        null);
  }

  private @Nullable SquashfsHeader header() throws IOException {
    try {
      return image.header();
    } catch (InvalidImageException e) {
      damage.add(e.getMessage() + "; the runtime cannot mount it");
      return null;
    }
  }

  private @Nullable JsonNode trailer() throws IOException {
    try {
      return image.trailer();
    } catch (InvalidImageException e) {
      damage.add(e.getMessage() + "; the runtime refuses it");
      return null;
    }
  }

  private @Nullable TreeFacts tree(
      String searchPath, @Nullable ContainerConfig config, Consumer<ListedFile> files) {
    Optional<Unsquashfs> tool = Unsquashfs.find(searchPath);
    if (tool.isEmpty()) {
      notes.add(
          new Finding(
              Finding.Level.INFO,
              "no-unsquashfs",
              "its files are not looked at: unsquashfs is missing; install squashfs-tools"));
      return null;
    }
    var collector = new TreeFacts.Collector(config == null ? new TreeSet<>() : config.volumes());
    try {
      tool.get()
          .list(
              file,
              listed -> {
                files.accept(listed);
                if (!listed.path().isEmpty()) {
                  collector.add(listed.path(), listed.folder(), listed.sizeBytes());
                }
              });
      return collector.facts();
    } catch (IOException e) {
      damage.add("its squashfs cannot be listed: " + e.getMessage());
      return null;
    }
  }
}
