package dev.gvmi.node.runtime;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether the Golem runtime may be using a file of its cache: a deployment names it, which QEMU
 * opens again at its start, or a process has it open. What cannot be known counts as use.
 *
 * <p>Processes of other users cannot be looked into without privileges, and are not the runtime's:
 * the node runs as the provider's user. Of this user's there are some that cannot be looked into
 * either (whatever has more capabilities, or asked for it, as an ssh-agent): then the kernel is
 * asked for a lease, which it grants on files that nobody has open.
 *
 * <p><b>Thread:</b> any; calls block for the disk.
 *
 * <p><b>Source:</b> ya-runtime-vm, runtime/src (deploy writes deployment.json with the canonical
 * path of the image); proc(5).
 */
final class RuntimeUse {
  private static final int MAX_DEPLOYMENT_BYTES = 1 << 20;
  private static final String UNKNOWN = "it cannot be known whether a task uses it: ";

  private final Path proc;

  RuntimeUse() {
    this(Path.of("/proc"));
  }

  /** Of a machine whose processes are shown there. */
  RuntimeUse(Path proc) {
    this.proc = proc;
  }

  /** Why the file counts as used, in a few words; empty if it is known that nobody uses it. */
  Optional<String> of(Path file) {
    try {
      Optional<String> deployed = deployment(file);
      return deployed.isPresent() ? deployed : openBy(file);
    } catch (IOException e) {
      return Optional.of(UNKNOWN + e);
    }
  }

  private static Optional<String> deployment(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path work = folder == null ? null : folder.resolveSibling("work");
    if (work == null || !Files.exists(work)) {
      return Optional.empty();
    }
    for (Path agreement : list(work)) {
      for (Path activity : list(agreement)) {
        Path deployment = activity.resolve("deployment.json");
        if (Files.exists(deployment) && names(deployment, file)) {
          return Optional.of("the activity " + activity.getFileName() + " is deployed from it");
        }
      }
    }
    return Optional.empty();
  }

  private static boolean names(Path deployment, Path file) throws IOException {
    if (Files.size(deployment) > MAX_DEPLOYMENT_BYTES) {
      throw new IOException(deployment + " is too large to be read");
    }
    try {
      String name = String.valueOf(file.getFileName());
      JsonNode root = JsonMapper.shared().readTree(Files.readAllBytes(deployment));
      return root.isString() ? isPathTo(root, name) : anyNames(root, name);
    } catch (NoSuchFileException e) {
      return false; // The activity has just ended.
    } catch (JacksonException e) {
      throw new IOException(deployment + " cannot be understood", e);
    }
  }

  private static boolean anyNames(JsonNode node, String name) {
    for (JsonNode child : node) {
      if (child.isContainer() ? anyNames(child, name) : isPathTo(child, name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPathTo(JsonNode value, String name) {
    String text = value.isString() ? value.stringValue() : "";
    return text.equals(name) || text.endsWith("/" + name);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      List<Path> all = new ArrayList<>();
      entries.forEach(all::add);
      return all;
    } catch (NotDirectoryException | NoSuchFileException e) {
      return List.of();
    }
  }

  /** A file as the kernel knows it. */
  private record Inode(Object device, Object number) {
    static Inode of(Path file) throws IOException {
      Map<String, Object> unix = Files.readAttributes(file, "unix:dev,ino");
      return new Inode(
          Objects.requireNonNull(unix.get("dev")), Objects.requireNonNull(unix.get("ino")));
    }
  }

  private Optional<String> openBy(Path file) throws IOException {
    Path self = proc.resolve("self");
    if (!Files.isDirectory(self.resolve("fd"))) {
      return Optional.of(UNKNOWN + "this system does not show what processes have open");
    }
    Inode wanted = Inode.of(file);
    String own = uid(self);
    String ourPid = Long.toString(ProcessHandle.current().pid());
    String closedTo = "";
    for (Path process : list(proc)) {
      String pid = String.valueOf(process.getFileName());
      if (!pid.matches("[0-9]+") || pid.equals(ourPid)) {
        continue;
      }
      try {
        if (hasOpen(process, wanted)) {
          return Optional.of("process " + pid + " has it open");
        }
      } catch (AccessDeniedException e) {
        if (uid(process).equals(own)) {
          closedTo = pid;
        }
      }
    }
    return closedTo.isEmpty() || WriteLease.isGranted(file)
        ? Optional.empty()
        : Optional.of(UNKNOWN + "process " + closedTo + " of this user cannot be looked into");
  }

  private static boolean hasOpen(Path process, Inode wanted) throws IOException {
    for (Path descriptor : list(process.resolve("fd"))) {
      try {
        if (Inode.of(descriptor).equals(wanted)) {
          return true;
        }
      } catch (NoSuchFileException e) {
        // Closed meanwhile, or no file: a socket or a pipe.
      }
    }
    return false;
  }

  /**
   * The real user of a process: a process that may not be looked into belongs to root by its
   * folder.
   */
  private static String uid(Path process) throws IOException {
    try {
      for (String line : Files.readAllLines(process.resolve("status"))) {
        if (line.startsWith("Uid:")) {
          return line.split("\\s+", -1)[1];
        }
      }
      return "";
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
