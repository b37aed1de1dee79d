package dev.gvmi.cli.command;

import dev.gvmi.cli.output.Output;
import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.node.trial.Trial;
import dev.gvmi.node.trial.TrialRequest;
import dev.gvmi.protocol.image.InvalidImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "try",
    description =
        "Boot an image as Golem's VM would, run a command in it, and end with its exit code.")
final class TryCommand implements NodeCommand {
  @Parameters(
      index = "0",
      paramLabel = "FILE|IMAGE",
      description = "A .gvmi file, or a held image.")
  private String target = "";

  @Parameters(
      index = "1..*",
      paramLabel = "CMD",
      description = "After --: what to run. Default: the image's ENTRYPOINT and CMD.")
  private List<String> command = List.of();

  @Option(
      names = "--overlay",
      paramLabel = "SIZE",
      description = "Room for files made at run time, outside volumes. Default: 128M.",
      converter = MebibytesConverter.class)
  private Integer overlayMebibytes = 128;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of the VM. Default: 1G.",
      converter = MebibytesConverter.class)
  private Integer memoryMebibytes = 1024;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "End after this long. Default: 10m.",
      converter = DurationConverter.class)
  private Duration timeout = Duration.ofMinutes(10);

  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description =
          "boot/vmlinuz-VERSION beside lib/modules/VERSION. Default: the Golem runtime's, else one of /boot.")
  private @Nullable Path kernel;

  private OptionalInt exitCode = OptionalInt.empty();

  @Override
  public Outcome run(CommandContext context) throws InterruptedException {
    Output output = context.output();
    TrialRequest request = request(file(context));
    long start = System.nanoTime();
    int code =
        new Trial(context.environment())
            .run(
                request,
                machine ->
                    output.note(
                        "booting "
                            + machine.kernel()
                            + (machine.emulated() ? ", emulated: /dev/kvm cannot be used" : "")),
                output::program);
    output.tried(code, (System.nanoTime() - start) / 1_000_000);
    exitCode = OptionalInt.of(code);
    return Outcome.COMPLETE;
  }

  @Override
  public OptionalInt programCode() {
    return exitCode;
  }

  private Path file(CommandContext context) {
    if (InspectCommand.isFile(target)) {
      return Path.of(target).toAbsolutePath().normalize();
    }
    InspectCommand.checkImage(target);
    try (NodeService node = context.openNode()) {
      ImageDetails details = node.inspect(target);
      if (!details.complete()) {
        throw new ServiceException(
            ServiceException.Kind.NOT_FOUND,
            "cannot try " + target + ": it is still being fetched");
      }
      return Path.of(details.path());
    }
  }

  private TrialRequest request(Path file) {
    try (ImageFile image = ImageFile.open(file)) {
      if (image.header().bytesUsed() < 1) {
        throw new InvalidImageException("its squashfs is empty");
      }
      ContainerConfig config = ContainerConfig.of(image.trailer());
      List<String> words = command.isEmpty() ? config.command() : command;
      if (words.isEmpty()) {
        throw usage("the image names no command: give one after --", null);
      }
      return new TrialRequest(
          file, config, words, overlayMebibytes, memoryMebibytes, timeout, kernel);
    } catch (InvalidImageException e) {
      throw usage("cannot try " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static ServiceException usage(String message, @Nullable Exception cause) {
    return cause == null
        ? new ServiceException(ServiceException.Kind.USAGE, message)
        : new ServiceException(ServiceException.Kind.USAGE, message, cause);
  }
}
