package dev.gvmi.node.trial;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.advice.ContainerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into the machine: scripts and the archive that holds them. */
final class GuestScriptsTest {
  private static ContainerConfig config(
      String volume, String workingDir, String user, String variable) {
    return new ContainerConfig(
        List.of(variable, "no variable"),
        List.of(),
        List.of(),
        workingDir,
        user,
        new TreeSet<>(List.of(volume)),
        new TreeSet<>(),
        "",
        "");
  }

  @Test
  void everyWordOfOthersIsQuoted() throws Exception {
    String evil = "it's; $(reboot) `x` \\ \"q\" \n*";
    Process shell =
        new ProcessBuilder("sh", "-c", "printf %s " + GuestScripts.quoted(evil)).start();
    assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEqualTo(evil);
    String init = GuestScripts.init(config("/" + evil, "", "", "A=b"), 128);
    assertThat(init).contains("$b mkdir -p " + GuestScripts.quoted("/new//" + evil));
    String run = GuestScripts.run(config("/v", "/" + evil, "", "A=" + evil), List.of("echo", evil));
    assertThat(run)
        .contains("cd " + GuestScripts.quoted("/" + evil))
        .contains(
            "env -i " + GuestScripts.quoted("A=" + evil) + " 'echo' " + GuestScripts.quoted(evil))
        .doesNotContain("no variable");
  }

  @Test
  void theOverlayHasItsSizeAndNoPlaceIsLeftOpen() {
    assertThat(GuestScripts.init(config("/v", "", "", "A=b"), 7))
        .contains("size=7m")
        .doesNotContain("@");
  }

  @Test
  void onlyANumericUserIsTaken() {
    assertThat(GuestScripts.run(config("/v", "", "1000:100", "A=b"), List.of("id")))
        .contains("-c 1000:100 --");
    assertThat(GuestScripts.run(config("/v", "", "www", "A=b"), List.of("id")))
        .doesNotContain("www")
        .contains("cd '/'");
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Cpio.Writer(out)
        .folder("lib")
        .file("lib/squashfs.ko", 0644, "module".getBytes(UTF_8))
        .file("init", 0755, new byte[5])
        .finish();
    return out.toByteArray();
  }

  @Test
  void anArchiveHasTheFormOfTheKernel() throws IOException {
    byte[] bytes = archive();
    assertThat(bytes.length % 4).isZero();
    assertThat(new String(bytes, 0, 114, UTF_8))
        .isEqualTo(
            "070701"
                + "00000001"
                + "000041ed"
                + "00000000".repeat(2)
                + "00000001"
                + "00000000".repeat(6)
                + "00000004"
                + "00000000"
                + "lib\0");
  }

  @Test
  void readsBackItsFilesAndRefusesEveryTruncation() throws IOException {
    byte[] bytes = archive();
    Map<String, Integer> files = new TreeMap<>();
    Cpio.read(
        new ByteArrayInputStream(bytes), 6, (name, content) -> files.put(name, content.length));
    assertThat(files).isEqualTo(Map.of("lib/squashfs.ko", 6, "init", 5));
    assertThatThrownBy(() -> Cpio.read(new ByteArrayInputStream(bytes), 5, (name, content) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
    for (int length = 0; length < bytes.length - 4; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Cpio.read(new ByteArrayInputStream(cut), 6, (name, content) -> {}))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void theRuntimesKernelBringsItsModules(@TempDir Path folder) throws IOException {
    assertThat(Kernel.ofRuntime(folder)).isEmpty();
    Files.writeString(folder.resolve("vmlinuz-virt"), "kernel");
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("initramfs.cpio.gz")))) {
      out.write(archive());
    }
    Optional<Kernel> kernel = Kernel.ofRuntime(folder);
    assertThat(kernel.orElseThrow().modules()).containsOnlyKeys("squashfs.ko");
  }

  @Test
  void aProgramThatNeedsAnInterpreterIsNotStatic() {
    for (int type : new int[] {1, 3}) {
      ByteBuffer elf = ByteBuffer.allocate(120).order(ByteOrder.LITTLE_ENDIAN);
      elf.putInt(0, 0x464c457f).put(4, (byte) 2).putShort(18, (short) 62).putLong(32, 64);
      elf.putShort(54, (short) 56).putShort(56, (short) 1).putInt(64, type);
      assertThat(StaticProgram.is(elf)).isEqualTo(type == 1);
      assertThat(StaticProgram.is(elf.slice(0, 63))).isFalse();
      assertThat(StaticProgram.is(elf.duplicate().limit(66))).isFalse();
    }
    assertThat(StaticProgram.is(ByteBuffer.wrap("#!/bin/sh\n".getBytes(UTF_8)))).isFalse();
  }
}
