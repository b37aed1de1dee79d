package dev.gvmi.node.trial;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gvmi.node.build.Tool;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.control.ServiceException.Kind;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Boots an image in a virtual machine of this computer and runs one command in it.
 *
 * <p><b>Thread:</b> any; an interrupt ends the machine.
 *
 * <p><b>Errors:</b> {@link ServiceException}: USAGE names what is missing and how to install it,
 * TIMED_OUT, INTERNAL with the last words of the machine.
 */
public final class Trial {
  private static final String QEMU = "qemu-system-x86_64";

  /** A kernel under KVM says something after a second or two. */
  private static final Duration SILENCE = Duration.ofSeconds(20);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Pattern RESULT = Pattern.compile("(exit|fail) (.*)");

  private final Map<String, String> environment;

  /**
   * Takes what the command prints, as it comes. <b>Thread:</b> two of the trial's own, one for each
   * stream.
   */
  @FunctionalInterface
  public interface Sink {
    void accept(byte[] bytes, int length, boolean errors);
  }

  /**
   * Trials on this machine.
   *
   * @param environment of which {@code PATH} and {@code HOME} say where things are
   */
  public Trial(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** What the machine is made of, for the user to know. */
  public record Machine(Path emulator, String kernel, boolean emulated) {}

  /** Is told what will be booted. */
  @FunctionalInterface
  public interface Listener {
    void booting(Machine machine);
  }

  /** Runs it to its end; the result is the exit code of the command. */
  public int run(TrialRequest request, Listener listener, Sink sink) throws InterruptedException {
    String tried = "cannot try " + request.image();
    try {
      Path emulator =
          tool(QEMU, "install qemu-system-x86 (apt-get install qemu-system-x86)", tried);
      Path busybox = busybox(tried);
      Kernel kernel = Kernel.find(request.kernel(), environment);
      Machine machine =
          new Machine(emulator, kernel.description(), !Files.isWritable(Path.of("/dev/kvm")));
      listener.booting(machine);
      OptionalInt code = boot(request, machine, kernel, busybox, sink);
      if (code.isEmpty() && !machine.emulated) {
        // a KVM that is there and does not work, as in some virtual machines
        machine = new Machine(emulator, kernel.description(), true);
        listener.booting(machine);
        code = boot(request, machine, kernel, busybox, sink);
      }
      return code.orElseThrow(
          () -> new ServiceException(Kind.INTERNAL, tried + ": the emulator cannot be used"));
    } catch (IOException e) {
      throw new ServiceException(Kind.INTERNAL, tried + ": " + e.getMessage(), e);
    }
  }

  private Path tool(String name, String install, String tried) {
    return Tool.find(name, environment.getOrDefault("PATH", ""))
        .orElseThrow(() ->
            new ServiceException(Kind.USAGE, tried + ": " + name + " is missing; " + install));
  }

  /** One that needs no library: it runs where nothing else is. */
  private Path busybox(String tried) throws IOException {
    String install = "install busybox-static (apt-get install busybox-static)";
    Path busybox = tool("busybox", install, tried);
    if (!StaticProgram.is(busybox)) {
      throw new ServiceException(
          Kind.USAGE, tried + ": " + busybox + " needs libraries; " + install);
    }
    return busybox;
  }

  /** Empty if the machine did not even begin. */
  private static OptionalInt boot(
      TrialRequest request, Machine made, Kernel kernel, Path busybox, Sink sink)
      throws IOException, InterruptedException {
    try (MachineFolder folder = MachineFolder.make()) {
      disk(folder.disk(), request, kernel, busybox);
      try (GuestPort out = GuestPort.listen(folder.port("out"));
          GuestPort err = GuestPort.listen(folder.port("err"));
          GuestPort result = GuestPort.listen(folder.port("result"));
          Emulator machine =
              Emulator.start(made.emulator, request, kernel, folder, !made.emulated)) {
        out.copy((bytes, length) -> sink.accept(bytes, length, false));
        err.copy((bytes, length) -> sink.accept(bytes, length, true));
        StringBuilder said = new StringBuilder();
        result.copy((bytes, length) -> said.append(new String(bytes, 0, length, UTF_8)));
        if (!made.emulated && isSilent(machine, request, folder)) {
          return OptionalInt.empty();
        }
        if (!machine.waitFor(request.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
          throw new ServiceException(
              Kind.TIMED_OUT,
              "the command did not end within "
                  + request.timeout().toSeconds()
                  + " s; --timeout gives it longer");
        }
        out.finish();
        err.finish();
        result.finish();
        return exitCode(request, said.toString(), folder, made);
      }
    }
  }

  /** A KVM that hangs, as in some virtual machines: nothing is heard of a kernel. */
  private static boolean isSilent(Emulator machine, TrialRequest request, MachineFolder folder)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + Math.min(SILENCE.toNanos(), request.timeout().toNanos());
    while (!folder.booted() && System.nanoTime() - end < 0) {
      if (machine.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return !folder.booted();
  }

  private static void disk(Path file, TrialRequest request, Kernel kernel, Path busybox)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      Cpio.Writer cpio = new Cpio.Writer(out);
      for (String name :
          new String[] {"bin", "proc", "sys", "dev", "tmp", "lower", "upper", "new", "modules"}) {
        cpio.folder(name);
      }
      cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
      for (Map.Entry<String, byte[]> module : kernel.modules().entrySet()) {
        cpio.file("modules/" + module.getKey(), 0644, module.getValue());
      }
      cpio.file(
          "init",
          0755,
          GuestScripts.init(request.config(), request.overlayMebibytes()).getBytes(UTF_8));
      cpio.file(
          "run.sh", 0755, GuestScripts.run(request.config(), request.command()).getBytes(UTF_8));
      cpio.finish();
    }
  }

  private static OptionalInt exitCode(
      TrialRequest request, String said, MachineFolder folder, Machine made) throws IOException {
    Optional<String> line = said.lines().findFirst();
    Matcher result = RESULT.matcher(line.orElse(""));
    if (!result.matches()) {
      if (!made.emulated && !folder.booted()) {
        return OptionalInt.empty();
      }
      throw new ServiceException(
          Kind.INTERNAL,
          "the machine ended without a result; its last words: " + folder.lastWords());
    }
    if (result.group(1).equals("fail")) {
      throw new ServiceException(
          Kind.USAGE, "cannot try " + request.image() + ": " + result.group(2));
    }
    return OptionalInt.of(Integer.parseInt(result.group(2)));
  }
}
