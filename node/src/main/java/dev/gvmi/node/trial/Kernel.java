package dev.gvmi.node.trial;

import dev.gvmi.node.control.ServiceException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A kernel, and those of its modules that are needed to see an image.
 *
 * @param modules file name to content, as they are stored
 */
record Kernel(Path image, SortedMap<String, byte[]> modules, String description) {
  private static final Pattern NEEDED =
      Pattern.compile(
          "(virtio|virtio_ring|virtio_pci|virtio_pci_modern_dev|virtio_pci_legacy_dev|virtio_blk|virtio_console|squashfs|overlay"
              + "|lzo_decompress|lz4_decompress|xz_dec|zlib_inflate)\\.ko(\\.(xz|gz|zst))?");

  private static final String RUNTIME = "plugins/ya-runtime-vm/runtime";
  private static final int MAX_MODULE_BYTES = 16 << 20;
  private static final String INSTALL =
      "no kernel to boot was found: install linux-image-cloud-amd64, or name one with --kernel /boot/vmlinuz-VERSION";

  /**
   * The kernel that was named, else the Golem runtime's, else the newest of {@code /boot}.
   *
   * @throws ServiceException if there is none
   */
  static Kernel find(@Nullable Path named, Map<String, String> environment) throws IOException {
    if (named != null) {
      return ofBoot(named)
          .orElseThrow(() ->
              missing(
                  "--kernel "
                      + named
                      + ": beside it there is no lib/modules/VERSION with squashfs and overlay"));
    }
    for (Path folder : runtimes(environment)) {
      Optional<Kernel> kernel = ofRuntime(folder);
      if (kernel.isPresent()) {
        return kernel.get();
      }
    }
    for (Path image : installed(Path.of("/boot"))) {
      Optional<Kernel> kernel = ofBoot(image);
      if (kernel.isPresent()) {
        return kernel.get();
      }
    }
    throw missing(INSTALL);
  }

  private static ServiceException missing(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }

  private static List<Path> runtimes(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", "/root");
    return List.of(Path.of(home, ".local/lib/yagna", RUNTIME), Path.of("/usr/lib/yagna", RUNTIME));
  }

  /** Of the runtime's own: modules lie in its initial RAM disk. */
  static Optional<Kernel> ofRuntime(Path folder) throws IOException {
    Path image = folder.resolve("vmlinuz-virt");
    Path disk = folder.resolve("initramfs.cpio.gz");
    if (!Files.isReadable(image) || !Files.isReadable(disk)) {
      return Optional.empty();
    }
    SortedMap<String, byte[]> modules = new TreeMap<>();
    try (InputStream in =
        new BufferedInputStream(new GZIPInputStream(Files.newInputStream(disk)))) {
      Cpio.read(
          in,
          MAX_MODULE_BYTES,
          (name, content) -> {
            String file = name.substring(name.lastIndexOf('/') + 1);
            if (file.endsWith(".ko")) {
              modules.put(file, content);
            }
          });
    } catch (IOException e) {
      throw new IOException("cannot read " + disk + ": " + e.getMessage(), e);
    }
    return Optional.of(new Kernel(image, modules, "the Golem runtime's kernel " + image));
  }

  /** The newest first; those made for clouds, which are small, before others. */
  private static List<Path> installed(Path boot) throws IOException {
    List<Path> all = new ArrayList<>();
    if (Files.isDirectory(boot)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(boot, "vmlinuz-*")) {
        files.forEach(all::add);
      }
    }
    all.sort(
        Comparator.comparing((Path file) -> file.toString().contains("cloud"))
            .thenComparing(Path::toString)
            .reversed());
    return all;
  }

  private static Optional<Kernel> ofBoot(Path image) throws IOException {
    String version = String.valueOf(image.getFileName()).replaceFirst("^vmlinuz-", "");
    Path boot = image.toAbsolutePath().getParent();
    Path root = boot == null ? null : boot.getParent();
    if (root == null || !Files.isReadable(image)) {
      return Optional.empty();
    }
    for (String lib : List.of("lib/modules", "usr/lib/modules")) {
      Path folder = root.resolve(lib).resolve(version).resolve("kernel");
      if (Files.isDirectory(folder)) {
        SortedMap<String, byte[]> modules = modules(folder);
        return Optional.of(new Kernel(image, modules, "the kernel " + image));
      }
    }
    return Optional.empty();
  }

  private static SortedMap<String, byte[]> modules(Path folder) throws IOException {
    SortedMap<String, byte[]> modules = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : files.filter(Kernel::needed).toList()) {
        modules.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return modules;
  }

  private static boolean needed(Path file) {
    return NEEDED.matcher(String.valueOf(file.getFileName())).matches();
  }
}
