package dev.gvmi.node.build;

import com.google.errorprone.annotations.MustBeClosed;
import dev.gvmi.node.advice.Advice;
import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.TreeFacts;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.control.ServiceException.Kind;
import dev.gvmi.node.oci.EntrySource;
import dev.gvmi.node.oci.ImageSource;
import dev.gvmi.node.oci.InvalidSourceException;
import dev.gvmi.node.oci.SourceLimits;
import dev.gvmi.node.oci.SourceOpener;
import dev.gvmi.protocol.image.ImageTrailer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Builds a {@code .gvmi}: open the source, read its layers once to see what each name is and
 * whether all digests match, ask for advice, read them again into {@code sqfstar}, put the trailer
 * behind, and give the file its name. Until then it has another one, and goes away when anything
 * fails.
 *
 * <p><b>Thread:</b> any; an interrupt ends it.
 *
 * <p><b>Errors:</b> {@link ServiceException}: USAGE for a source or options that make no image,
 * VERIFICATION for bytes that are not those of their digest, NO_SPACE.
 */
public final class ImageBuild {
  private final SourceLimits limits;
  private final String searchPath;
  private final InputStream standardInput;

  /** Is told how far it is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Is told.
     *
     * @param phase reading or packing
     * @param totalBytes about how many there will be
     */
    void at(String phase, long doneBytes, long totalBytes);
  }

  /** Asked before anything is written: whether these findings are acceptable. */
  @FunctionalInterface
  public interface Judge {
    void judge(List<Finding> findings);
  }

  /**
   * A builder of this machine.
   *
   * @param searchPath where programs are looked for, as {@code PATH}
   */
  public ImageBuild(SourceLimits limits, String searchPath, InputStream standardInput) {
    this.limits = limits;
    this.searchPath = searchPath;
    this.standardInput = standardInput;
  }

  /** What the first reading found out. */
  private record Merged(
      ImageSource source, MergePlan plan, ContainerConfig config, List<Finding> findings) {}

  /** Builds; the findings are given to the judge, which may throw, before the work begins. */
  public BuildResult build(BuildRequest request, Judge judge, Progress progress)
      throws InterruptedException {
    String tried = "cannot build " + request.target();
    Path sqfstar =
        tool(request.packing().level() == null ? Sqfstar.NAME : Sqfstar.WITH_LEVEL, tried);
    try (ImageSource source = open(request)) {
      Merged merged = merge(source, request, progress);
      judge.judge(merged.findings);
      long bytes = write(merged, request, sqfstar, progress);
      TreeFacts tree = merged.plan.facts();
      return new BuildResult(
          request.target(),
          source.storedBytes(),
          source.layers().size(),
          tree.bytes(),
          bytes,
          merged.config,
          tree,
          merged.findings);
    } catch (IOException e) {
      throw failed(tried, e);
    }
  }

  private Path tool(String name, String tried) {
    return Tool.find(name, searchPath)
        .orElseThrow(() ->
            new ServiceException(
                Kind.USAGE,
                tried
                    + ": "
                    + name
                    + " is missing; install squashfs-tools 4.5 or newer (apt-get install squashfs-tools)"));
  }

  private static ServiceException failed(String tried, IOException e) throws InterruptedException {
    if (e instanceof ClosedByInterruptException) {
      throw new InterruptedException(tried + " was interrupted");
    }
    if (e instanceof InvalidSourceException invalid) {
      return new ServiceException(
          invalid.isMismatch() ? Kind.VERIFICATION : Kind.USAGE, tried + ": " + e.getMessage(), e);
    }
    String why = String.valueOf(e.getMessage());
    if (why.contains("No space left")) {
      return new ServiceException(Kind.NO_SPACE, tried + ": no space left on the disk", e);
    }
    String reason = e instanceof FileSystemException file ? describe(file) : why;
    return new ServiceException(
        e instanceof FileSystemException ? Kind.USAGE : Kind.INTERNAL, tried + ": " + reason, e);
  }

  private static String describe(FileSystemException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException no -> "there is no " + no.getFile();
      case java.nio.file.AccessDeniedException no -> "this user may not open " + no.getFile();
      default -> String.valueOf(e.getMessage());
    };
  }

  @MustBeClosed
  private ImageSource open(BuildRequest request) throws IOException {
    SourceOpener opener = new SourceOpener(limits, folder(request.target()));
    var selection = request.selection();
    var wanted = new SourceOpener.Wanted(selection.platform(), selection.tag(), selection.config());
    Path source = request.source();
    return source == null ? opener.open(standardInput, wanted) : opener.open(source, wanted);
  }

  private static Path folder(Path target) {
    return Optional.ofNullable(target.toAbsolutePath().getParent()).orElse(Path.of("/"));
  }

  private Merged merge(ImageSource source, BuildRequest request, Progress progress)
      throws IOException {
    MergedTree tree = new MergedTree(limits);
    long total = source.storedBytes();
    long done = 0;
    for (int i = 0; i < source.layers().size(); i++) {
      EntrySource layer = source.layers().get(i);
      LayerIndex index = new LayerIndex(tree, i);
      layer.read(index);
      done += layer.storedBytes();
      progress.at("reading", done, Math.max(done, total));
    }
    ContainerConfig config = TrailerConfig.of(source, request.overrides());
    MergePlan plan = new MergePlan(tree, config.volumes());
    List<Finding> findings =
        new ArrayList<>(Advice.of(config, Optional.of(plan.facts()), Optional.empty()));
    TrailerConfig.lost(source).ifPresent(findings::add);
    return new Merged(source, plan, config, List.copyOf(findings));
  }

  /** Numbers the entries of a layer. */
  private static final class LayerIndex implements EntrySource.Visitor {
    private final MergedTree tree;
    private final int layer;
    private int number;

    LayerIndex(MergedTree tree, int layer) {
      this.tree = tree;
      this.layer = layer;
    }

    @Override
    public void entry(dev.gvmi.node.tar.TarEntry entry, EntrySource.Content content)
        throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new ClosedByInterruptException();
      }
      tree.apply(layer, number++, entry);
    }
  }

  private long write(Merged merged, BuildRequest request, Path sqfstar, Progress progress)
      throws IOException, InterruptedException {
    ByteBuffer trailer = trailer(merged.config);
    Path target = request.target().toAbsolutePath();
    Path temporary = folder(target).resolve("." + target.getFileName() + "." + random() + ".tmp");
    try {
      pack(merged, request.packing(), sqfstar, temporary, progress);
      long bytes = append(temporary, trailer);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return bytes;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static ByteBuffer trailer(ContainerConfig config) throws InvalidSourceException {
    try {
      return new ImageTrailer(config.json()).encode();
    } catch (IllegalArgumentException e) {
      throw new InvalidSourceException("its configuration is too long: " + e.getMessage());
    }
  }

  private static String random() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void pack(
      Merged merged, BuildRequest.Packing packing, Path tool, Path file, Progress progress)
      throws IOException, InterruptedException {
    long latest =
        Math.min(packing.latestSeconds().orElse(Long.MAX_VALUE), merged.plan.newestSeconds());
    List<String> compression = new ArrayList<>(List.of("-comp", packing.compressor().argument()));
    compression.addAll(packing.compressor().options(packing.level()));
    long total = merged.plan.facts().bytes();
    try (Sqfstar sqfstar = Sqfstar.start(tool, file, compression, merged.plan.root(), latest)) {
      try {
        new MergedTar(merged.plan, sqfstar.in(), latest)
            .write(
                merged.source.layers(),
                done -> progress.at("packing", done, Math.max(done, total)));
      } catch (ToolGaveUpException e) {
        throw new IOException("sqfstar failed: " + sqfstar.lastWords(), e);
      }
      if (!sqfstar.finish()) {
        throw new IOException("sqfstar failed: " + sqfstar.lastWords());
      }
    }
  }

  private static long append(Path file, ByteBuffer trailer) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      while (trailer.hasRemaining()) {
        channel.write(trailer);
      }
      channel.force(true);
      return channel.size();
    }
  }
}
