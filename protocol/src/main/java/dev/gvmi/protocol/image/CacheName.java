package dev.gvmi.protocol.image;

import java.util.Optional;

/** The name under which the Golem exe-unit looks for an image in its cache. */
public final class CacheName {
  private CacheName() {}

  /** {@code stem_hash[.extension]} of the URL's last segment; empty if the URL has none. */
  public static Optional<String> of(ImageRef.TaskPackage taskPackage) {
    return taskPackage.lastSegment().map(name -> of(name, taskPackage.image()));
  }

  /** The name that the registry's download URL leads to. */
  public static String of(ImageId image) {
    return of(image.hex(), image);
  }

  private static String of(String fileName, ImageId image) {
    int dot = fileName.lastIndexOf('.');
    return dot <= 0
        ? fileName + "_" + image.hex()
        : fileName.substring(0, dot) + "_" + image.hex() + fileName.substring(dot);
  }
}
