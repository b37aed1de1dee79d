package dev.gvmi.node.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * An OCI image layout: {@code index.json}, and blobs by their digests.
 *
 * <p><b>Source:</b> OCI image specification 1.1, Image Layout, Image Index, Image Manifest.
 */
final class OciLayout {
  static final String INDEX = "index.json";
  static final String MARK = "oci-layout";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String FULL_NAME = "io.containerd.image.name";
  private static final int MAX_NESTED = 4;
  private static final Set<String> INDEX_TYPES =
      Set.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json");

  private final BlobStore files;
  private final SourceLimits limits;

  OciLayout(BlobStore files, SourceLimits limits) {
    this.files = files;
    this.limits = limits;
  }

  /**
   * Finds an image.
   *
   * @param tag which one, if there are several; or null
   */
  ImageSource.Found find(Platform platform, @Nullable String tag) throws IOException {
    JsonNode manifests = files.json(INDEX, limits).path("manifests");
    JsonNode manifest = manifest(choose(manifests, tag, platform), platform, 0);
    Digest digest = digest(manifest.path("config"));
    JsonNode config = files.document(digest, path(digest), limits);
    return new ImageSource.Found(config, digest.hex(), layers(manifest.path("layers"), config));
  }

  private static JsonNode choose(JsonNode manifests, @Nullable String tag, Platform platform)
      throws InvalidSourceException {
    List<String> tags = new ArrayList<>();
    for (JsonNode manifest : manifests) {
      for (String key : List.of(REF_NAME, FULL_NAME)) {
        String name = manifest.path("annotations").path(key).asString("");
        if (!name.isEmpty()) {
          tags.add(name);
        }
        if (name.equals(tag)) {
          return manifest;
        }
      }
    }
    return tag == null && manifests.size() > 1
        ? forPlatform(manifests, platform)
        : Named.only(manifests, tag, tags);
  }

  /**
   * The one of several that is for the platform; those that are no images, such as attestations,
   * are not for any.
   */
  private static JsonNode forPlatform(JsonNode manifests, Platform wanted)
      throws InvalidSourceException {
    ArrayNode fitting = tools.jackson.databind.json.JsonMapper.shared().createArrayNode();
    List<String> offered = new ArrayList<>();
    for (JsonNode manifest : manifests) {
      Platform platform = Platform.of(manifest.path("platform"));
      if (wanted.accepts(platform)) {
        fitting.add(manifest);
      }
      if (!platform.os().isEmpty() && !platform.os().equals("unknown")) {
        offered.add(platform.toString());
      }
    }
    if (fitting.isEmpty()) {
      throw new InvalidSourceException(
          offered.isEmpty()
              ? "the source has " + manifests.size() + " images: choose one with --tag"
              : "the source has no image for "
                  + wanted
                  + ", but for "
                  + Named.shown(String.join(", ", offered)));
    }
    // variants of one architecture: the first, as engines do
    return fitting.path(0);
  }

  private JsonNode manifest(JsonNode descriptor, Platform platform, int depth) throws IOException {
    if (depth > MAX_NESTED) {
      throw new InvalidSourceException("the source has indexes in indexes in indexes");
    }
    Digest digest = digest(descriptor);
    JsonNode document = files.document(digest, path(digest), limits);
    String type = document.path("mediaType").asString(descriptor.path("mediaType").asString(""));
    boolean index = INDEX_TYPES.contains(type) || document.path("manifests").isArray();
    return index
        ? manifest(forPlatform(document.path("manifests"), platform), platform, depth + 1)
        : document;
  }

  private List<EntrySource> layers(JsonNode descriptors, JsonNode config) throws IOException {
    List<Digest> diffIds = Named.diffIds(config, limits);
    if (!descriptors.isArray() || diffIds.size() != descriptors.size()) {
      throw new InvalidSourceException(
          "the image's manifest has "
              + descriptors.size()
              + " layers, its configuration "
              + diffIds.size());
    }
    List<EntrySource> layers = new ArrayList<>();
    for (int i = 0; i < descriptors.size(); i++) {
      JsonNode descriptor = descriptors.path(i);
      if (descriptor.path("mediaType").asString("").contains("encrypted")) {
        throw new InvalidSourceException("layer " + (i + 1) + " is encrypted");
      }
      Digest digest = digest(descriptor);
      Blob blob = files.get(path(digest));
      String name = Named.layer(i, digest);
      JsonNode size = descriptor.path("size");
      if (size.isIntegralNumber() && size.asLong(-1) != blob.sizeBytes()) {
        throw new InvalidSourceException(
            name + " is truncated: it has " + blob.sizeBytes() + " bytes, not " + size.asLong(-1));
      }
      layers.add(new TarLayer(name, blob, digest, diffIds.get(i), limits));
    }
    return layers;
  }

  private static Digest digest(JsonNode descriptor) throws InvalidSourceException {
    return Digest.parse(descriptor.path("digest").asString(""));
  }

  private static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }
}
