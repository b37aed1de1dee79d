package dev.gvmi.node.runtime;

import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Under which names each held image is to be in the runtime's caches: one for each URL that it was
 * asked for by. Noted under {@code placed/<hash>.names} in the data directory, so that a folder
 * that appears later gets them all.
 *
 * <p><b>Thread:</b> any; calls block for the disk.
 */
public final class WantedNames {
  /** Of one image: a stranger cannot make a folder full by asking for one image by many URLs. */
  static final int MAX_NAMES = 64;

  private static final Logger LOG = LoggerFactory.getLogger(WantedNames.class);
  private static final int MAX_NOTE_BYTES = 1 << 16;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path folder;

  /** Those of a data directory. */
  public WantedNames(Path dataDir) {
    this.folder = dataDir.resolve("placed");
  }

  /** Notes a name. A fault is logged: the name is then not kept. */
  public synchronized void add(ImageId image, String name) {
    List<String> names = new ArrayList<>(of(image));
    if (names.contains(name) || names.size() >= MAX_NAMES) {
      return;
    }
    names.add(name);
    try {
      Files.createDirectories(folder);
      Path fresh = folder.resolve(image.hex() + ".names.new");
      Files.write(fresh, JSON.writeValueAsBytes(names));
      Files.move(fresh, file(image), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn(
          "cannot note the name {} of {}: it is placed once and not kept: {}",
          name,
          image,
          e.toString());
    }
  }

  /** In the order in which they came. */
  public synchronized List<String> of(ImageId image) {
    Path file = file(image);
    try {
      return Files.size(file) > MAX_NOTE_BYTES
          ? List.of()
          : List.of(JSON.readValue(Files.readAllBytes(file), String[].class));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException | JacksonException | NullPointerException e) {
      LOG.warn("{} cannot be understood and counts as empty: {}", file, e.toString());
      return List.of();
    }
  }

  /** The image is not held any more. */
  public synchronized void forget(ImageId image) {
    try {
      Files.deleteIfExists(file(image));
    } catch (IOException e) {
      LOG.debug("the names of {} stay noted", image, e); // Of no use without the image.
    }
  }

  private Path file(ImageId image) {
    return folder.resolve(image.hex() + ".names");
  }
}
