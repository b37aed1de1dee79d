package dev.gvmi.node.oci;

import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of a source by their names, in a folder or in an archive. */
@FunctionalInterface
interface BlobStore {
  /** Empty if there is no such file. */
  Optional<Blob> find(String name) throws IOException;

  default Blob get(String name) throws IOException {
    return find(name)
        .orElseThrow(() -> new InvalidSourceException("the source has no file " + name));
  }

  default JsonNode json(String name, SourceLimits limits) throws IOException {
    return parse(get(name).bytes(limits.maxJsonBytes(), name), name);
  }

  static JsonNode parse(byte[] bytes, String name) throws InvalidSourceException {
    try {
      return JsonMapper.shared().readTree(bytes);
    } catch (JacksonException e) {
      throw new InvalidSourceException(name + " is no JSON: " + e.getOriginalMessage());
    }
  }

  /** A JSON document that is named by its digest. */
  default JsonNode document(Digest digest, String name, SourceLimits limits) throws IOException {
    byte[] bytes = get(name).bytes(limits.maxJsonBytes(), name);
    var digested = digest.start();
    digested.update(bytes);
    if (!digest.matches(digested)) {
      throw InvalidSourceException.mismatch(
          name + " is damaged: its bytes are not those of " + digest + "; make or fetch it again");
    }
    return parse(bytes, name);
  }
}
