package dev.gvmi.node.runtime.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.runtime.hook.HookReport.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeHookIT {
  private static final String SHIPPED =
      "[\n  {\"name\": \"vm\",   \"version\": \"0.5.2\", \"supervisor-path\": \"exe-unit\", \"runtime-path\": \"ya-runtime-vm/ya-runtime-vm\", \"extra-args\": [\"--cap-handoff\"]}\n]\r\n\n";
  private static final String OTHER =
      "[{\"name\": \"wasmtime\", \"supervisor-path\": \"exe-unit\"}]";

  @TempDir private Path directory;
  private Path plugins;
  private Path descriptor;
  private Optional<Instant> provider = Optional.empty();

  @BeforeEach
  void plugins() throws IOException {
    plugins = Files.createDirectories(directory.resolve(".local/lib/yagna/plugins"));
    descriptor = Files.writeString(plugins.resolve("ya-runtime-vm.json"), SHIPPED);
    Files.setPosixFilePermissions(descriptor, PosixFilePermissions.fromString("rw-rw-r--"));
    Files.writeString(plugins.resolve("ya-runtime-wasi.json"), OTHER);
    Files.writeString(plugins.resolve("exe-unit"), "#!/bin/sh\necho real \"$@\"\n");
    assertThat(plugins.resolve("exe-unit").toFile().setExecutable(true)).isTrue();
  }

  private RuntimeHook hook() {
    return new RuntimeHook(
        PluginFolders.of(null, Map.of("PATH", "/nowhere"), directory),
        directory.resolve("data"),
        () -> provider);
  }

  private static HookReport only(List<HookReport> reports) {
    assertThat(reports).hasSize(1);
    return reports.getFirst();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(plugins)) {
      return all.map(file -> plugins.relativize(file).toString()).sorted().toList();
    }
  }

  @Test
  void installLeadsTheProviderToAWrapperThatStartsTheExeUnit() throws Exception {
    assertThat(only(hook().status()).state()).isEqualTo(State.NOT_INSTALLED);
    HookReport report = only(hook().install());
    assertThat(report)
        .isEqualTo(
            new HookReport(descriptor, State.INSTALLED, plugins.resolve("exe-unit"), false, ""));
    assertThat(descriptor)
        .hasContent(SHIPPED.replace("\"exe-unit\"", "\"gvmi-p2p/ya-runtime-vm/exe-unit\""));
    assertThat(Files.getPosixFilePermissions(descriptor))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw-r--"));
    assertThat(plugins.resolve("ya-runtime-wasi.json")).hasContent(OTHER);
    Process process =
        new ProcessBuilder(plugins.resolve("gvmi-p2p/ya-runtime-vm/exe-unit").toString(), "test")
            .start();
    assertThat(new String(process.getInputStream().readAllBytes())).isEqualTo("real test\n");
    assertThat(only(hook().status())).isEqualTo(report);
  }

  @Test
  void installTwiceIsAsOnceAndUninstallRestoresEveryByte() throws Exception {
    List<String> before = files();
    assertThat(hook().install()).isEqualTo(hook().install());
    assertThat(only(hook().uninstall()).state()).isEqualTo(State.NOT_INSTALLED);
    assertThat(Files.readAllBytes(descriptor)).isEqualTo(SHIPPED.getBytes());
    assertThat(files()).isEqualTo(before);
    assertThat(only(hook().uninstall()).state()).isEqualTo(State.NOT_INSTALLED);
  }

  @Test
  void installWithAnotherDataDirectoryBringsTheWrapperUpToDate() throws Exception {
    assertThat(only(hook().install()).failed()).isFalse();
    RuntimeHook moved =
        new RuntimeHook(
            PluginFolders.of(plugins, Map.of(), directory),
            directory.resolve("moved"),
            () -> provider);
    assertThat(only(moved.install()).state()).isEqualTo(State.INSTALLED);
    assertThat(plugins.resolve("gvmi-p2p/ya-runtime-vm/exe-unit"))
        .content()
        .contains(directory.resolve("moved/hook").toString())
        .contains("'" + plugins.resolve("exe-unit") + "'");
  }

  @Test
  void uninstallKeepsWhatSomebodyChangedMeanwhile() throws Exception {
    assertThat(only(hook().install()).failed()).isFalse();
    Files.writeString(descriptor, Files.readString(descriptor).replace("0.5.2", "0.5.3"));
    assertThat(only(hook().uninstall()).state()).isEqualTo(State.NOT_INSTALLED);
    assertThat(Files.readString(descriptor)).isEqualTo(SHIPPED.replace("0.5.2", "0.5.3"));
  }

  @Test
  void statusSeesThatAnUpgradeHasOverwrittenItAndInstallPutsItBack() throws Exception {
    assertThat(only(hook().install()).failed()).isFalse();
    Files.writeString(descriptor, SHIPPED.replace("0.5.2", "0.6.0"));
    HookReport report = only(hook().status());
    assertThat(report.state()).isEqualTo(State.OVERWRITTEN);
    assertThat(report.message()).contains("runtime install");
    assertThat(only(hook().install()).state()).isEqualTo(State.INSTALLED);
    assertThat(only(hook().uninstall()).state()).isEqualTo(State.NOT_INSTALLED);
    assertThat(Files.readString(descriptor)).isEqualTo(SHIPPED.replace("0.5.2", "0.6.0"));
  }

  @Test
  void wrapperStaysForAProviderThatRunsUntilItIsRestarted() throws Exception {
    provider = Optional.of(Instant.now().minusSeconds(60));
    assertThat(only(hook().install())).returns(true, HookReport::restart);
    HookReport gone = only(hook().uninstall());
    assertThat(gone)
        .returns(State.NOT_INSTALLED, HookReport::state)
        .returns(true, HookReport::restart);
    assertThat(plugins.resolve("gvmi-p2p/ya-runtime-vm/exe-unit")).isExecutable();
    assertThat(Files.readString(descriptor)).isEqualTo(SHIPPED);
    provider = Optional.of(Instant.now().plusSeconds(60));
    assertThat(only(hook().uninstall())).returns(false, HookReport::restart);
    assertThat(plugins.resolve("gvmi-p2p")).doesNotExist();
  }

  @Test
  void statusSaysIfWhatTheDescriptorLeadsToIsGone() throws Exception {
    assertThat(only(hook().install()).failed()).isFalse();
    Files.delete(plugins.resolve("gvmi-p2p/ya-runtime-vm/exe-unit"));
    assertThat(only(hook().status())).returns(State.BROKEN, HookReport::state);
    assertThat(only(hook().install())).returns(State.INSTALLED, HookReport::state);
    Files.delete(plugins.resolve("gvmi-p2p/ya-runtime-vm/original.json"));
    assertThat(only(hook().uninstall())).returns(State.BROKEN, HookReport::state);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[",
        "",
        "[{\"name\":\"vm\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"no-such-unit\"}]",
        "[{\"name\":\"vm\",\"supervisor-path\":\"a\",\"supervisor-path\":\"b\"}]"
      })
  void refusesOddDescriptorsInOneLineAndTouchesNothing(String text) throws Exception {
    Files.writeString(descriptor, text);
    List<String> before = files();
    HookReport report = only(hook().install());
    assertThat(report).returns(State.REFUSED, HookReport::state).returns(true, HookReport::failed);
    assertThat(report.message()).startsWith(descriptor.toString()).doesNotContain("\n");
    assertThat(descriptor).hasContent(text);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void refusesADescriptorThatIsALink() throws Exception {
    Path real = Files.move(descriptor, directory.resolve("real.json"));
    Files.createSymbolicLink(descriptor, real);
    assertThat(only(hook().install()).message()).contains("symbolic link");
    assertThat(real).hasContent(SHIPPED);
  }

  @Test
  void looksWhereTheProviderLooks() throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin/plugins")).getParent();
    Files.writeString(bin.resolve("ya-provider"), "");
    assertThat(bin.resolve("ya-provider").toFile().setExecutable(true)).isTrue();
    Map<String, String> path = Map.of("PATH", "/nowhere::" + bin);
    assertThat(PluginFolders.of(null, path, directory).folders())
        .containsExactly(bin.toRealPath().resolve("plugins"), plugins);
    assertThat(PluginFolders.of(null, Map.of(), directory.resolve("nobody")).folders())
        .containsExactly(Path.of("/usr/lib/yagna/plugins"));
    PluginFolders said =
        PluginFolders.of(
            null, Map.of("EXE_UNIT_PATH", plugins + "/ya-runtime-v*.json"), Path.of("/"));
    assertThat(said.descriptors()).containsExactly(descriptor);
    assertThat(PluginFolders.of(plugins, path, Path.of("/")).descriptors())
        .containsExactly(descriptor, plugins.resolve("ya-runtime-wasi.json"));
    assertThat(PluginFolders.of(directory.resolve("none"), path, Path.of("/")).descriptors())
        .isEmpty();
  }
}
