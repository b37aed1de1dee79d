package dev.gvmi.node.advice;

import dev.gvmi.node.advice.Finding.Level;
import dev.gvmi.protocol.image.SquashfsHeader.Compression;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The findings about an image.
 *
 * <p><b>Source:</b> ya-runtime-vm 0.3.0 to 0.5.2; Golem's questions and answers about images;
 * gvmkit-build.
 */
public final class Advice {
  private static final Pattern NUMERIC = Pattern.compile("[0-9]+:[0-9]+");
  private static final List<String> NATIVE = List.of("", "amd64", "x86_64");

  private final List<Finding> findings = new ArrayList<>();

  private Advice() {}

  /**
   * All findings.
   *
   * @param tree empty if the files are not known
   * @param compression empty if it is not known
   */
  public static List<Finding> of(
      ContainerConfig config, Optional<TreeFacts> tree, Optional<Compression> compression) {
    Advice advice = new Advice();
    advice.volumes(config);
    tree.ifPresent(advice::hidden);
    advice.run(config);
    advice.environment(config);
    advice.user(config);
    advice.platform(config, compression);
    advice.room();
    return List.copyOf(advice.findings);
  }

  private void add(Level level, String code, String message) {
    findings.add(new Finding(level, code, message));
  }

  private void volumes(ContainerConfig config) {
    if (config.volumes().isEmpty()) {
      add(
          Level.ERROR,
          "no-volume",
          "it has no VOLUME: no file can be transferred to or from its container; add --volume /golem/work, or say --allow-no-volume");
    }
    for (String volume : config.volumes()) {
      if (!volume.startsWith("/") || List.of(volume.split("/", -1)).contains("..")) {
        add(Level.ERROR, "bad-volume", "the volume " + volume + " is no absolute path");
      } else if (volume.equals("/")) {
        add(
            Level.WARNING,
            "root-volume",
            "the volume / is the whole file system: only runtimes from 0.5.0 on know what to do with it");
      }
    }
  }

  private void hidden(TreeFacts tree) {
    tree.hidden()
        .forEach((volume, hidden) ->
            add(
                Level.WARNING,
                "hidden-content",
                "the volume "
                    + volume
                    + " starts as an empty folder, which hides what the image has there: "
                    + hidden.entries()
                    + (hidden.entries() == 1 ? " entry, " : " entries, ")
                    + size(hidden.bytes())));
    if (!tree.largest().isEmpty()) {
      List<String> shown =
          tree.largest().stream().map(f -> f.folder() + " " + size(f.bytes())).toList();
      add(Level.INFO, "largest-folders", "largest folders: " + String.join(", ", shown));
    }
  }

  private static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + (bytes == 1 ? " byte" : " bytes");
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  private void run(ContainerConfig config) {
    if (!config.command().isEmpty()) {
      add(
          Level.WARNING,
          "command",
          "ENTRYPOINT and CMD are called unsupported by Golem's documentation; runtime 0.5.2 runs both, one after the other, when the requestor asks with start-entrypoint, and nothing starts otherwise");
    }
    if (!config.ports().isEmpty()) {
      add(
          Level.WARNING,
          "ports",
          "exposed ports ("
              + String.join(", ", config.ports())
              + ") are ignored: a requestor reaches them through its VPN only");
    }
  }

  private void environment(ContainerConfig config) {
    if (!config.env().isEmpty()) {
      add(
          Level.WARNING,
          "environment",
          "ENV is called unsupported by Golem's documentation; runtime 0.5.2 gives it to every process that it runs");
    }
    for (String variable : config.env()) {
      if (variable.indexOf('=') < 1) {
        add(Level.ERROR, "bad-environment", "the variable " + variable + " is not NAME=VALUE");
      }
    }
    if (!config.workingDir().isEmpty() && !config.workingDir().startsWith("/")) {
      add(
          Level.ERROR,
          "bad-workdir",
          "the working directory " + config.workingDir() + " is no absolute path");
    }
  }

  private void user(ContainerConfig config) {
    if (!config.user().isEmpty() && !NUMERIC.matcher(config.user()).matches()) {
      add(
          Level.WARNING,
          "user",
          "the user "
              + config.user()
              + " is ignored, and all runs as root: the runtime knows only digits, uid:gid");
    }
  }

  private void platform(ContainerConfig config, Optional<Compression> compression) {
    if (!NATIVE.contains(config.architecture())) {
      add(
          Level.WARNING,
          "architecture",
          "it is for " + config.architecture() + ": Golem's VM is x86-64, and runs nothing of it");
    }
    boolean unreadable =
        compression.isPresent()
            && (compression.get() == Compression.ZSTD || compression.get() == Compression.LZMA);
    if (unreadable) {
      add(
          Level.ERROR,
          "compression",
          "it is compressed with "
              + compression.get().name().toLowerCase(Locale.ROOT)
              + ", which the runtime's kernel cannot read: use lzo, gzip, xz or lz4");
    }
  }

  private void room() {
    add(
        Level.INFO,
        "room",
        "outside its volumes a task can write 128 MB (Golem's documentation, and runtimes up to 0.4.2) or about half of the VM's memory (since 0.5.0), for files made at run time only; volumes are bound by the provider's disk");
  }
}
