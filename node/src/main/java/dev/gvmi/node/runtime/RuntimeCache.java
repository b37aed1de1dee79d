package dev.gvmi.node.runtime;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.runtime.PlaceResult.Refused;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which the Golem exe-unit looks for images before it downloads. A file that is there
 * under the right name is used unchecked: so one appears only whole, durable, and made from a
 * verified image, and a file of somebody else's is never overwritten, changed or removed.
 *
 * <p><b>Thread:</b> any; calls block for the disk. The work is done on a platform thread of its
 * own, as an interrupt would close the files it is in.
 *
 * <p><b>Source:</b> yagna v0.17.6, exe-unit/components/transfer/src (cache.rs, transfer.rs),
 * utils/path/src/data_dir.rs.
 */
public final class RuntimeCache {
  private static final int MAX_NAME_BYTES = 255;
  private static final AtomicLong THREADS = new AtomicLong();

  private final Path directory;
  private final Space space;

  /** A cache that copies take the room of the disk in. */
  public RuntimeCache(Path directory) {
    this(directory, Space.of(() -> Long.MAX_VALUE));
  }

  /** A cache whose copies take room of {@code space}: links take none. */
  public RuntimeCache(Path directory, Space space) {
    this.directory = directory;
    this.space = space;
  }

  /**
   * Where the provider on this machine keeps the cache, if it is there: under {@code DATA_DIR}
   * (quotes around it are dropped, as the provider does), else {@code $XDG_DATA_HOME/ya-provider},
   * else {@code ~/.local/share/ya-provider}.
   *
   * @param env the environment
   * @param home the user's home directory
   */
  public static Optional<Path> defaultDirectory(Map<String, String> env, Path home) {
    return usualDirectory(env, home).filter(Files::isDirectory);
  }

  /** The same, whether it is there or not: a provider that is installed later makes it. */
  public static Optional<Path> usualDirectory(Map<String, String> env, Path home) {
    try {
      return Optional.of(providerData(env, home).resolve("exe-unit").resolve("cache"));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  public Path directory() {
    return directory;
  }

  /**
   * Places an image: by reflink, else by hard link, else by copy, whichever the file systems can.
   * The name appears with the whole file behind it, or not at all. An interrupt ends a copy: the
   * result is a refusal, and the thread's flag is set.
   *
   * <p>A hard link shares the inode and so the mtime with the store's file: the store is told
   * ({@link StoredImage#linked}), and touches it, because the provider deletes old files. A file
   * that is there already is touched for the same reason.
   *
   * @param cacheName one path element, as the exe-unit makes it from the task package
   */
  public PlaceResult place(StoredImage image, String cacheName) {
    Optional<String> wrong = wrongName(cacheName);
    if (wrong.isPresent()) {
      return new Refused(directory, wrong.get());
    }
    Path target;
    try {
      target = directory.resolve(cacheName);
    } catch (InvalidPathException e) {
      return new Refused(
          directory,
          "the locale of this process cannot write the name "
              + quoted(cacheName)
              + "; use a UTF-8 locale");
    }
    if (!Files.isDirectory(directory)) {
      return new Refused(target, "there is no runtime cache " + directory);
    }
    return run(new Placement(image, directory, target, space));
  }

  private static Path providerData(Map<String, String> env, Path home) {
    String dataDir = unquoted(env.getOrDefault("DATA_DIR", ""));
    if (!dataDir.isEmpty()) {
      return Path.of(dataDir);
    }
    String shared = env.getOrDefault("XDG_DATA_HOME", "");
    Path base =
        !shared.isEmpty() && Path.of(shared).isAbsolute()
            ? Path.of(shared)
            : home.resolve(".local").resolve("share");
    return base.resolve("ya-provider");
  }

  private static String unquoted(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && text.charAt(from) == '"') {
      from++;
    }
    while (to > from && text.charAt(to - 1) == '"') {
      to--;
    }
    return text.substring(from, to);
  }

  private static Optional<String> wrongName(String name) {
    boolean special = name.isEmpty() || name.equals(".") || name.equals("..");
    if (special || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      return Optional.of("not a file name: " + quoted(name));
    }
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    return bytes > MAX_NAME_BYTES
        ? Optional.of("the file name has " + bytes + " bytes, more than " + MAX_NAME_BYTES)
        : Optional.empty();
  }

  /** Fit for a line of text: the name comes from a task package, so from a stranger. */
  private static String quoted(String name) {
    String head = name.substring(0, Math.min(name.length(), MAX_NAME_BYTES));
    return "\"" + head.replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  private PlaceResult run(Placement placement) {
    FutureTask<PlaceResult> task = new FutureTask<>(placement);
    Thread.ofPlatform().name("runtime-place-" + THREADS.getAndIncrement()).daemon().start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
          placement.cancel();
        } catch (ExecutionException e) {
          return failed(placement.target(), e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static PlaceResult failed(Path target, @Nullable Throwable cause) {
    return switch (cause) {
      case StoreException e -> new Refused(target, String.valueOf(e.getMessage()));
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new IllegalStateException("placing " + target + " failed", cause);
    };
  }
}
