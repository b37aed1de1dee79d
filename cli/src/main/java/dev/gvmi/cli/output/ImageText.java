package dev.gvmi.cli.output;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.build.BuildResult;
import dev.gvmi.protocol.image.SquashfsHeader;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** What is told of an image's making and content, as rows for people. */
final class ImageText {
  private final BiConsumer<String, String> row;

  ImageText(BiConsumer<String, String> row) {
    this.row = row;
  }

  void built(BuildDetails details) {
    BuildResult built = details.built();
    row.accept("file", built.file().toString());
    row.accept("image", details.image());
    row.accept("manifest", details.manifest());
    row.accept(
        "size",
        HumanFormat.bytes(built.imageBytes())
            + " ("
            + built.imageBytes()
            + " bytes)"
            + against(built));
    row.accept("content", content(built.tree().files(), built.unpackedBytes()));
    config(built.config());
  }

  private static String against(BuildResult built) {
    if (built.sourceBytes() == 0) {
      return "";
    }
    double ratio = built.imageBytes() / (double) built.sourceBytes();
    return String.format(
        Locale.ROOT,
        ", %.2f of the source's %s in %s",
        ratio,
        HumanFormat.bytes(built.sourceBytes()),
        HumanFormat.count(built.layers(), "layer"));
  }

  private static String content(long files, long bytes) {
    return HumanFormat.count(files, "file") + ", " + HumanFormat.bytes(bytes) + " unpacked";
  }

  void content(FileContent content) {
    content.damage().forEach(damage -> row.accept("damaged", damage));
    SquashfsHeader header = content.squashfs();
    if (header != null) {
      row.accept("squashfs", squashfs(header));
    }
    var tree = content.tree();
    if (tree != null) {
      row.accept("content", content(tree.files(), tree.bytes()));
    }
    ContainerConfig config = content.config();
    if (config != null) {
      config(config);
    }
    Long shared = content.sharedBytes();
    row.accept(
        "shared",
        shared == null
            ? "not known: nothing was ever held here, or it has too many parts"
            : HumanFormat.bytes(shared) + " with images held");
    content.findings().forEach(finding -> row.accept(label(finding), finding.message()));
  }

  private static String squashfs(SquashfsHeader header) {
    return "4.0, "
        + header.compression().name().toLowerCase(Locale.ROOT)
        + ", blocks of "
        + header.blockBytes() / 1024
        + " KiB, "
        + header.inodes()
        + " inodes, "
        + HumanFormat.bytes(header.bytesUsed());
  }

  private void config(ContainerConfig config) {
    row.accept(
        "volumes", config.volumes().isEmpty() ? "none" : String.join(", ", config.volumes()));
    list("env", config.env());
    list("entrypoint", config.entrypoint());
    list("cmd", config.cmd());
    if (!config.workingDir().isEmpty()) {
      row.accept("workdir", config.workingDir());
    }
  }

  private void list(String name, List<String> values) {
    if (!values.isEmpty()) {
      row.accept(name, String.join(" ", values));
    }
  }

  static String label(Finding finding) {
    return switch (finding.level()) {
      case ERROR -> "error";
      case WARNING -> "warning";
      case INFO -> "note";
    };
  }
}
