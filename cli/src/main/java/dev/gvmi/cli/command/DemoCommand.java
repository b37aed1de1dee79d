package dev.gvmi.cli.command;

import dev.gvmi.cli.output.DemoResult;
import dev.gvmi.cli.output.Output;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = "Two nodes on this machine: publish on one, prefetch on the other.")
final class DemoCommand implements NodeCommand {
  @Option(names = "--keep", paramLabel = "DIR", description = "Keep the files, in this folder.")
  private @Nullable Path keep;

  @Override
  public Outcome run(CommandContext context) throws InterruptedException {
    Path folder = folder();
    try {
      return play(context, folder);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.INTERNAL,
          "the demo failed in " + folder + ": " + e.getMessage(),
          e);
    } finally {
      if (keep == null) {
        delete(folder);
      }
    }
  }

  private Outcome play(CommandContext context, Path folder)
      throws IOException, InterruptedException {
    DemoResult result = new Demo(context, folder, keep != null).run();
    Output output = context.output();
    output.demonstrated(result);
    if (result.fetched().outcome() != Outcome.COMPLETE) {
      throw new ServiceException(
          ServiceException.Kind.NOT_FOUND,
          "the fetch did not end well: " + result.fetched().message());
    }
    return result.verified() ? Outcome.COMPLETE : Outcome.VERIFICATION_FAILED;
  }

  private Path folder() {
    try {
      if (keep == null) {
        return Files.createTempDirectory("gvmi-p2p-demo-");
      }
      Path folder = keep.toAbsolutePath().normalize();
      Files.createDirectories(folder);
      try (var entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new ServiceException(
              ServiceException.Kind.USAGE, "--keep " + folder + ": the folder is not empty");
        }
      }
      return folder;
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "cannot make a folder for the demo: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(folder, new Deletion());
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.INTERNAL, "cannot delete " + folder + ": " + e.getMessage(), e);
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
        throws IOException {
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
