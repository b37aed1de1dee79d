package dev.gvmi.node.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What {@code docker save} writes, of any version: {@code manifest.json} names the configuration
 * and the layers of each image.
 *
 * <p>Layers are checked against the configuration's {@code diff_ids}, the configuration against the
 * digest that it is named by.
 *
 * <p><b>Source:</b> moby, image/tarexport (v1.2 and the OCI-like form since 25.0).
 */
final class DockerArchive {
  static final String MANIFEST = "manifest.json";

  /** {@code <hex>.json}, or {@code blobs/sha256/<hex>}. */
  private static final Pattern CONFIG_NAME =
      Pattern.compile("(?:blobs/sha256/)?([0-9a-f]{64})(?:\\.json)?");

  private static final Pattern BLOB_NAME = Pattern.compile("blobs/(sha256|sha512)/([0-9a-f]+)");

  private final BlobStore files;
  private final SourceLimits limits;

  DockerArchive(BlobStore files, SourceLimits limits) {
    this.files = files;
    this.limits = limits;
  }

  /** Whether manifest.json is one of Docker's, and not a file of a root file system. */
  static boolean isManifest(JsonNode manifest) {
    return manifest.isArray()
        && !manifest.isEmpty()
        && manifest.path(0).path("Config").isString()
        && manifest.path(0).path("Layers").isArray();
  }

  /**
   * Finds an image.
   *
   * @param tag which one, if there are several; or null
   */
  ImageSource.Found find(JsonNode manifest, @Nullable String tag) throws IOException {
    JsonNode chosen = choose(manifest, tag);
    String configName = chosen.path("Config").asString("");
    Matcher named = CONFIG_NAME.matcher(configName);
    if (!named.matches()) {
      throw new InvalidSourceException(
          "the archive names its configuration "
              + Named.shown(configName)
              + ", which is no digest");
    }
    Digest digest = Digest.parse("sha256:" + named.group(1));
    JsonNode config = files.document(digest, configName, limits);
    return new ImageSource.Found(config, digest.hex(), layers(chosen.path("Layers"), config));
  }

  private static JsonNode choose(JsonNode manifest, @Nullable String tag)
      throws InvalidSourceException {
    List<String> tags = new ArrayList<>();
    for (JsonNode image : manifest) {
      for (JsonNode name : image.path("RepoTags")) {
        tags.add(name.asString(""));
        if (name.asString("").equals(tag)) {
          return image;
        }
      }
    }
    return Named.only(manifest, tag, tags);
  }

  private List<EntrySource> layers(JsonNode names, JsonNode config) throws IOException {
    List<Digest> diffIds = Named.diffIds(config, limits);
    if (diffIds.size() != names.size()) {
      throw new InvalidSourceException(
          "the archive has " + names.size() + " layers, its configuration " + diffIds.size());
    }
    List<EntrySource> layers = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.path(i).asString("");
      Matcher blob = BLOB_NAME.matcher(name);
      Digest packed = blob.matches() ? Digest.parse(blob.group(1) + ":" + blob.group(2)) : null;
      layers.add(
          new TarLayer(
              Named.layer(i, diffIds.get(i)), files.get(name), packed, diffIds.get(i), limits));
    }
    return layers;
  }
}
