package dev.gvmi.cli.command;

import dev.gvmi.cli.output.FileContent;
import dev.gvmi.cli.output.FileDetails;
import dev.gvmi.cli.output.Output;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.build.Tool;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.SharedRequest;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.protocol.image.InvalidImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "inspect",
    description =
        "Show what an image, held or in a file, is made of, and what of it would surprise in the VM.")
final class InspectCommand implements NodeCommand {
  @Parameters(paramLabel = "IMAGE|FILE", description = "A held image, or a .gvmi file.")
  private String target = "";

  @Option(names = "--files", description = "List all files in it.")
  private boolean files;

  @Override
  public Outcome run(CommandContext context) {
    if (files && Tool.find("unsquashfs", searchPath(context)).isEmpty()) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "--files needs unsquashfs: install squashfs-tools");
    }
    if (isFile(target)) {
      context.output().file(sharing(inspect(Path.of(target), context, files), context));
      return Outcome.COMPLETE;
    }
    checkImage(target);
    try (NodeService node = context.openNode()) {
      ImageDetails details = node.inspect(target);
      FileContent content = content(details, context);
      if (content != null) {
        content = content.sharing(sharedBytes(node, details.image(), Path.of(details.path())));
      }
      context.output().details(details, content);
    }
    return Outcome.COMPLETE;
  }

  private static @Nullable Long sharedBytes(NodeService node, String image, Path file) {
    return node.shared(new SharedRequest(image, file)).bytes();
  }

  /** With what images that are held have of it too; as it is where nothing was ever held. */
  private FileDetails sharing(FileDetails file, CommandContext context) {
    if (!Files.exists(context.dataDir().resolve("index"))) {
      return file;
    }
    try (NodeService node = context.openNode()) {
      Path absolute = Path.of(target).toAbsolutePath();
      return file.sharing(sharedBytes(node, file.image(), absolute));
    }
  }

  static boolean isFile(String target) {
    return !target.contains("\0") && Files.isRegularFile(Path.of(target));
  }

  static void checkImage(String target) {
    try {
      String checked = new ImageConverter().convert(target);
      assert checked.equals(target);
    } catch (TypeConversionException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "no file " + target + ", and no image: " + e.getMessage());
    }
  }

  /**
   * What is in a held image; null while it is being fetched, or if its file is somebody else's to
   * read.
   */
  private @Nullable FileContent content(ImageDetails details, CommandContext context) {
    Path file = Path.of(details.path());
    if (!details.complete() || !Files.isReadable(file)) {
      return null;
    }
    try {
      return FileInspection.content(file, searchPath(context), sink(context.output(), files));
    } catch (InvalidImageException | IOException e) {
      throw failed(file, e);
    }
  }

  /** Reads a file whole. */
  static FileDetails inspect(Path file, CommandContext context, boolean listed) {
    try {
      return FileInspection.of(file, searchPath(context), sink(context.output(), listed));
    } catch (InvalidImageException | IOException e) {
      throw failed(file, e);
    }
  }

  private static Consumer<ListedFile> sink(Output output, boolean listed) {
    return listed ? output::listed : file -> {};
  }

  private static String searchPath(CommandContext context) {
    return context.environment().getOrDefault("PATH", "");
  }

  private static ServiceException failed(Path file, Exception e) {
    return e instanceof InvalidImageException
        ? new ServiceException(
            ServiceException.Kind.USAGE, "cannot inspect " + file + ": " + e.getMessage(), e)
        : new ServiceException(
            ServiceException.Kind.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
  }
}
