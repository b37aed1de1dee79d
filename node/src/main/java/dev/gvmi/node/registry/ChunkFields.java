package dev.gvmi.node.registry;

import java.util.Map;

/**
 * What a client says of a chunk before its bytes. Pure.
 *
 * <p><b>Source:</b> gvmkit-build-rs 0.3, upload.rs.
 */
record ChunkFields(
    DescriptorId descriptor, int number, String sha256, long offsetBytes, long lengthBytes) {
  /** {@link RefusedException} if something is missing, or is no number. */
  static ChunkFields of(Map<String, String> texts, RegistryLimits limits) throws RefusedException {
    DescriptorId id =
        DescriptorId.parse(text(texts, "descr-sha256"))
            .orElseThrow(() -> new RefusedException(400, "descr-sha256 is no SHA-256"));
    long number = number(texts, "chunk-no");
    if (number >= limits.chunks()) {
      throw new RefusedException(400, "there is no chunk " + number);
    }
    return new ChunkFields(
        id,
        (int) number,
        text(texts, "chunk-sha256"),
        number(texts, "chunk-pos"),
        number(texts, "chunk-len"));
  }

  private static String text(Map<String, String> texts, String name) throws RefusedException {
    String text = texts.get(name);
    if (text == null) {
      throw new RefusedException(400, "the form has no " + name + " before its file");
    }
    return text;
  }

  private static long number(Map<String, String> texts, String name) throws RefusedException {
    String text = text(texts, name);
    if (!text.matches("[0-9]{1,18}")) {
      throw new RefusedException(400, name + " is no number");
    }
    return Long.parseLong(text);
  }

  /** They say what the descriptor says. */
  void requireAsIn(Descriptor descriptor) throws RefusedException {
    if (number >= descriptor.chunkCount()) {
      throw new RefusedException(
          400, "there is no chunk " + number + ": the image has " + descriptor.chunkCount());
    }
    if (offsetBytes != descriptor.chunkOffset(number)
        || lengthBytes != descriptor.chunkLength(number)) {
      throw new RefusedException(
          400,
          "chunk "
              + number
              + " is the "
              + descriptor.chunkLength(number)
              + " bytes from "
              + descriptor.chunkOffset(number)
              + " on");
    }
    if (!sha256.equalsIgnoreCase(descriptor.chunkHash(number))) {
      throw new RefusedException(
          400, "chunk-sha256 is not what the descriptor says of chunk " + number);
    }
  }
}
