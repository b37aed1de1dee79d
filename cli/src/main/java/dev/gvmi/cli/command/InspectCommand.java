package dev.gvmi.cli.command;

import dev.gvmi.cli.output.FileDetails;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.protocol.image.InvalidImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(name = "inspect", description = "Show what an image, held or in a file, is made of.")
final class InspectCommand implements NodeCommand {
  @Parameters(paramLabel = "IMAGE|FILE", description = "A held image, or a .gvmi file.")
  private String target = "";

  @Override
  public Outcome run(CommandContext context) {
    if (!target.contains("\0") && Files.isRegularFile(Path.of(target))) {
      context.output().file(inspect(Path.of(target)));
      return Outcome.COMPLETE;
    }
    checkImage();
    try (NodeService node = context.openNode()) {
      context.output().details(node.inspect(target));
    }
    return Outcome.COMPLETE;
  }

  private void checkImage() {
    try {
      String checked = new ImageConverter().convert(target);
      assert checked.equals(target);
    } catch (TypeConversionException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "no file " + target + ", and no image: " + e.getMessage());
    }
  }

  private static FileDetails inspect(Path file) {
    try {
      return FileInspection.of(file);
    } catch (InvalidImageException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "cannot inspect " + file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
