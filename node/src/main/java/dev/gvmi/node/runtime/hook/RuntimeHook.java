package dev.gvmi.node.runtime.hook;

import dev.gvmi.node.runtime.hook.HookReport.State;
import dev.gvmi.node.runtime.rewrite.Descriptor;
import dev.gvmi.node.runtime.rewrite.InvalidDocumentException;
import dev.gvmi.node.runtime.rewrite.WrapperScript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts the hook in the place of the exe-unit, takes it away, and says how it stands. It changes the
 * user's files only, and needs no daemon.
 *
 * <p><b>Shape.</b> Beside each descriptor {@code <name>.json} lies {@code gvmi-p2p/<name>/}, with
 * {@code exe-unit} (the wrapper), {@code original.json} (the descriptor's bytes as they were) and
 * {@code installed} (empty: the hook is meant to be there, so a descriptor that does not lead to
 * the wrapper was overwritten). All this is in the runtime's own folder, not in the data directory:
 * without the data directory the provider goes on as before the hook, and the original can still be
 * restored.
 *
 * <p>The descriptor is changed last on the way in and first on the way out, by rename: at each
 * moment it leads to a file that is there. A provider that runs knows the path that it has read at
 * its start, so the wrapper stays until no such provider runs.
 *
 * <p><b>Thread:</b> one; calls block for the disk.
 */
public final class RuntimeHook {
  private static final String FOLDER = "gvmi-p2p";
  private static final String RESTART =
      "restart the provider: it runs with what it read at its start";

  private final PluginFolders plugins;
  private final Path hookFolder;
  private final ProviderProcesses providers;

  RuntimeHook(PluginFolders plugins, Path dataDir, ProviderProcesses providers) {
    this.plugins = plugins;
    this.hookFolder = dataDir.toAbsolutePath().resolve(HookFolder.NAME);
    this.providers = providers;
  }

  /**
   * That of a user.
   *
   * @param named the folder of descriptors, or null: where the provider looks
   */
  public static RuntimeHook of(
      @Nullable Path named, Map<String, String> env, Path home, Path dataDir) {
    return new RuntimeHook(PluginFolders.of(named, env, home), dataDir, ProviderProcesses.system());
  }

  /** Where descriptors are looked for. */
  public List<Path> folders() {
    return plugins.folders();
  }

  /** Installs it at all descriptors of VM runtimes, or brings it up to date there. */
  public List<HookReport> install() throws IOException {
    return each(this::install);
  }

  /**
   * Restores all descriptors that lead to the hook, byte for byte; one that somebody has changed
   * since keeps those changes.
   */
  public List<HookReport> uninstall() throws IOException {
    return each(this::uninstall);
  }

  /** How it stands, descriptor by descriptor. */
  public List<HookReport> status() throws IOException {
    return each(this::status);
  }

  private interface Step {
    HookReport at(Place place) throws IOException, InvalidDocumentException;
  }

  private List<HookReport> each(Step step) throws IOException {
    List<HookReport> reports = new ArrayList<>();
    for (Path file : plugins.descriptors()) {
      Place place = new Place(file);
      try {
        if (Files.isSymbolicLink(file)) {
          throw new IOException(
              "it is a symbolic link; name the folder of what it leads to with --plugins");
        }
        place.read();
        if (place.descriptor != null) {
          reports.add(step.at(place));
        }
      } catch (IOException | InvalidDocumentException | InvalidPathException e) {
        reports.add(new HookReport(file, State.REFUSED, null, false, file + ": " + reason(e)));
      }
    }
    return List.copyOf(reports);
  }

  private static String reason(Exception e) {
    if (e instanceof AccessDeniedException denied) {
      return "no permission for " + denied.getFile() + "; run this as the user that owns it";
    }
    boolean bare = e instanceof FileSystemException system && system.getReason() == null;
    return bare ? e.toString() : String.valueOf(e.getMessage());
  }

  private HookReport install(Place place) throws IOException, InvalidDocumentException {
    Optional<Path> unit = place.leadsToWrapper() ? place.originalUnit() : Optional.of(place.unit());
    if (unit.isEmpty()) {
      return status(place);
    }
    if (!Files.isRegularFile(unit.get()) || !Files.isExecutable(unit.get())) {
      throw new IOException("there is no program " + unit.get() + " to put the hook before");
    }
    byte[] script =
        WrapperScript.text(unit.get().toString(), hookFolder.toString())
            .getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(place.folder);
    if (!place.leadsToWrapper()) {
      DurableFile.write(place.original, place.bytes, "rw-r--r--");
    }
    if (!Files.exists(place.wrapper) || !Arrays.equals(Files.readAllBytes(place.wrapper), script)) {
      DurableFile.write(place.wrapper, script, "rwxr-xr-x");
    }
    if (!place.leadsToWrapper()) {
      place.write(place.parsed().withSupervisor(place.relativeWrapper()));
    }
    if (!Files.exists(place.mark)) {
      DurableFile.write(place.mark, new byte[0], "rw-r--r--");
    }
    return status(place);
  }

  private HookReport uninstall(Place place) throws IOException, InvalidDocumentException {
    if (place.leadsToWrapper()) {
      if (!Files.exists(place.original)) {
        return status(place);
      }
      place.write(place.restored());
    }
    boolean restart = restart(place);
    DurableFile.delete(place.mark);
    DurableFile.delete(place.original);
    if (!restart) {
      place.deleteWrapper();
    }
    return status(place);
  }

  private HookReport status(Place place) throws IOException, InvalidDocumentException {
    boolean marked = Files.exists(place.mark);
    if (!place.leadsToWrapper()) {
      boolean kept = Files.exists(place.wrapper);
      return new HookReport(
          place.file,
          marked ? State.OVERWRITTEN : State.NOT_INSTALLED,
          place.unit(),
          !marked && kept && restart(place),
          marked
              ? "an upgrade has written the descriptor anew: 'gvmi-p2p runtime install' puts the hook back"
              : kept
                  ? "the wrapper is still there for a provider that runs: "
                      + RESTART
                      + ", then uninstall again"
                  : "");
    }
    Optional<Path> unit = place.originalUnit();
    if (unit.isEmpty() || !Files.isExecutable(unit.get()) || !Files.isExecutable(place.wrapper)) {
      String missing =
          unit.isEmpty()
              ? place.original.toString()
              : Files.isExecutable(place.wrapper)
                  ? unit.get().toString()
                  : place.wrapper.toString();
      String advice =
          unit.isEmpty()
              ? "install the runtime again"
              : "'gvmi-p2p runtime uninstall' restores the descriptor";
      return new HookReport(
          place.file, State.BROKEN, unit.orElse(null), false, missing + " is missing: " + advice);
    }
    boolean restart = restart(place);
    return new HookReport(place.file, State.INSTALLED, unit.get(), restart, restart ? RESTART : "");
  }

  private boolean restart(Place place) throws IOException {
    Instant changed = Files.getLastModifiedTime(place.file).toInstant();
    return providers.oldestStart().map(start -> start.isBefore(changed)).orElse(false);
  }

  /** A descriptor and what is beside it. */
  private static final class Place {
    final Path file;
    final Path folder;
    final Path wrapper;
    final Path original;
    final Path mark;
    byte[] bytes = new byte[0];
    @Nullable Descriptor descriptor;

    Place(Path file) {
      this.file = file;
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
      this.folder = file.resolveSibling(FOLDER).resolve(name);
      this.wrapper = folder.resolve("exe-unit");
      this.original = folder.resolve("original.json");
      this.mark = folder.resolve("installed");
    }

    void read() throws IOException, InvalidDocumentException {
      bytes = bytes(file);
      descriptor = Descriptor.parse(bytes).orElse(null);
    }

    private static byte[] bytes(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        throw new IOException("it is no file");
      }
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(Descriptor.MAX_DESCRIPTOR_BYTES + 1);
      }
    }

    Descriptor parsed() {
      if (descriptor == null) {
        throw new IllegalStateException(file + " has no runtime for VM images");
      }
      return descriptor;
    }

    Path unit() {
      return file.resolveSibling(parsed().supervisor()).normalize();
    }

    boolean leadsToWrapper() {
      return unit().equals(wrapper.normalize());
    }

    String relativeWrapper() {
      return file.resolveSibling("").relativize(wrapper).toString();
    }

    /** Where the original leads to; empty if it is gone. */
    Optional<Path> originalUnit() throws IOException, InvalidDocumentException {
      return Files.exists(original)
          ? Descriptor.parse(bytes(original))
              .map(was -> file.resolveSibling(was.supervisor()).normalize())
          : Optional.empty();
    }

    byte[] restored() throws IOException, InvalidDocumentException {
      byte[] before = bytes(original);
      Descriptor was =
          Descriptor.parse(before)
              .orElseThrow(() -> new IOException(original + " has no runtime for VM images"));
      boolean untouched = Arrays.equals(bytes, was.withSupervisor(relativeWrapper()));
      return untouched ? before : parsed().withSupervisor(was.supervisor());
    }

    void write(byte[] changed) throws IOException, InvalidDocumentException {
      DurableFile.write(file, changed, DurableFile.permissions(file));
      read();
    }

    void deleteWrapper() throws IOException {
      DurableFile.delete(wrapper);
      try {
        Files.deleteIfExists(folder);
        Files.deleteIfExists(file.resolveSibling(FOLDER));
      } catch (FileSystemException e) {
        return; // Something else is in it.
      }
    }
  }
}
