package dev.gvmi.cli.output;

import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.advice.TreeFacts;
import dev.gvmi.node.build.BuildResult;
import dev.gvmi.protocol.image.SquashfsHeader;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is told of an image's making and content, as JSON. */
final class ImageJson {
  private ImageJson() {}

  static void built(ObjectNode line, BuildDetails details) {
    BuildResult built = details.built();
    line.put("file", built.file().toString());
    line.put("image", details.image());
    line.put("manifest", details.manifest());
    line.put("bytes", built.imageBytes());
    line.put("sourceBytes", built.sourceBytes());
    line.put("layers", built.layers());
    line.put(
        "ratio",
        built.sourceBytes() == 0 ? null : built.imageBytes() / (double) built.sourceBytes());
    line.set("trailer", json(built.config().json()));
    tree(line, built.tree());
    findings(line, built.findings());
  }

  static void content(ObjectNode line, FileContent content) {
    SquashfsHeader header = content.squashfs();
    if (header == null) {
      line.putNull("squashfs");
    } else {
      ObjectNode squashfs = line.putObject("squashfs");
      squashfs.put("compression", header.compression().name().toLowerCase(Locale.ROOT));
      squashfs.put("blockBytes", header.blockBytes());
      squashfs.put("inodes", header.inodes());
      squashfs.put("bytes", header.bytesUsed());
    }
    String trailer = content.trailer();
    line.set("trailer", trailer == null ? null : json(trailer));
    var damage = line.putArray("damage");
    content.damage().forEach(damage::add);
    TreeFacts tree = content.tree();
    if (tree != null) {
      tree(line, tree);
    }
    findings(line, content.findings());
    line.put("sharedBytes", content.sharedBytes());
  }

  private static tools.jackson.databind.JsonNode json(String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new IllegalStateException("the text was read before", e);
    }
  }

  private static void tree(ObjectNode line, TreeFacts tree) {
    line.put("files", tree.files());
    line.put("unpackedBytes", tree.bytes());
    var largest = line.putArray("largest");
    tree.largest()
        .forEach(f -> largest.addObject().put("folder", f.folder()).put("bytes", f.bytes()));
    ObjectNode hidden = line.putObject("hidden");
    tree.hidden()
        .forEach((volume, h) ->
            hidden.putObject(volume).put("entries", h.entries()).put("bytes", h.bytes()));
  }

  private static void findings(ObjectNode line, List<Finding> findings) {
    var array = line.putArray("findings");
    findings.forEach(finding -> finding(array.addObject(), finding));
  }

  static void finding(ObjectNode line, Finding finding) {
    line.put("level", finding.level().name().toLowerCase(Locale.ROOT));
    line.put("code", finding.code());
    line.put("message", finding.message());
  }

  static void listed(ObjectNode line, ListedFile file) {
    line.put("mode", file.mode());
    line.put("uid", file.uid());
    line.put("gid", file.gid());
    line.put("bytes", file.sizeBytes());
    line.put("path", "/" + file.path());
    line.put("link", file.link().isEmpty() ? null : file.link());
  }
}
