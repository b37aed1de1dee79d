package dev.gvmi.node.trial;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** QEMU, running. */
final class Emulator implements AutoCloseable {
  private final Process process;

  private Emulator(Process process) {
    this.process = process;
  }

  @MustBeClosed
  static Emulator start(
      Path program, TrialRequest request, Kernel kernel, MachineFolder folder, boolean accelerated)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command(program, request, kernel, folder, accelerated))
            .redirectErrorStream(true)
            .redirectOutput(folder.errors().toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    return new Emulator(process);
  }

  private static List<String> command(
      Path program,
      TrialRequest request,
      Kernel kernel,
      MachineFolder folder,
      boolean accelerated) {
    List<String> words = new ArrayList<>(List.of(program.toString()));
    words.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
    words.addAll(List.of("-machine", "pc", "-cpu", accelerated ? "host" : "max"));
    words.addAll(List.of("-accel", accelerated ? "kvm" : "tcg"));
    words.addAll(List.of("-m", request.memoryMebibytes() + "M", "-smp", "1"));
    words.addAll(
        List.of("-kernel", kernel.image().toString(), "-initrd", folder.disk().toString()));
    words.addAll(List.of("-append", "console=ttyS0 loglevel=4 panic=-1 rdinit=/init"));
    words.addAll(List.of("-serial", "file:" + escaped(folder.console())));
    words.addAll(
        List.of(
            "-drive",
            "if=none,id=rootfs,format=raw,readonly=on,file="
                + escaped(request.image().toAbsolutePath())));
    words.addAll(List.of("-device", "virtio-blk-pci,drive=rootfs,serial=rootfs-0"));
    words.addAll(List.of("-device", "virtio-serial-pci"));
    port(words, "out", GuestScripts.OUT_PORT, folder);
    port(words, "err", GuestScripts.ERR_PORT, folder);
    port(words, "result", GuestScripts.RESULT_PORT, folder);
    return words;
  }

  private static void port(List<String> words, String id, String name, MachineFolder folder) {
    words.addAll(List.of("-chardev", "socket,id=" + id + ",path=" + escaped(folder.port(id))));
    words.addAll(List.of("-device", "virtserialport,chardev=" + id + ",name=" + name));
  }

  /** QEMU takes a comma for the end of a value, unless it is doubled. */
  private static String escaped(Path file) {
    return file.toString().replace(",", ",,");
  }

  boolean waitFor(long time, TimeUnit unit) throws InterruptedException {
    return process.waitFor(time, unit);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
