package dev.gvmi.node.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.advice.Finding.Level;
import dev.gvmi.protocol.image.SquashfsHeader.Compression;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class AdviceTest {
  private static ContainerConfig config(String json) {
    return ContainerConfig.of(JsonMapper.shared().readTree(json));
  }

  private static List<String> codes(String json) {
    return Advice.of(config(json), Optional.empty(), Optional.of(Compression.LZO)).stream()
        .map(Finding::code)
        .toList();
  }

  @Test
  void aPlainImageWithAVolumeIsOnlyToldOfItsRoom() {
    assertThat(codes("{\"Volumes\":{\"/golem/work\":{}}}")).containsExactly("room");
  }

  @Test
  void noVolumeIsAnError() {
    assertThat(Advice.of(config("{}"), Optional.empty(), Optional.empty()).getFirst())
        .satisfies(finding -> {
          assertThat(finding.level()).isEqualTo(Level.ERROR);
          assertThat(finding.code()).isEqualTo("no-volume");
          assertThat(finding.message()).contains("--allow-no-volume");
        });
  }

  @Test
  void saysBothOfWhatTheDocumentationCallsUnsupported() {
    List<Finding> findings =
        Advice.of(
            config(
                "{\"Volumes\":{\"/w\":{}},\"Cmd\":[\"sh\"],\"Env\":[\"A=b\"],\"ExposedPorts\":{\"80/tcp\":{}}}"),
            Optional.empty(),
            Optional.empty());
    assertThat(findings)
        .extracting(Finding::code)
        .containsExactly("command", "ports", "environment", "room");
    assertThat(findings.getFirst().message()).contains("unsupported", "0.5.2", "start-entrypoint");
    assertThat(findings.get(1).message()).contains("80/tcp");
    assertThat(findings.get(2).message()).contains("unsupported", "0.5.2");
    assertThat(findings.getLast().message()).contains("128 MB", "half of the VM's memory");
  }

  @Test
  void namedUsersForeignMachinesAndUnreadableBlocksAreNamed() {
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"User\":\"www\"}")).contains("user");
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"User\":\"1000\"}")).contains("user");
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"User\":\"1000:1000\"}")).doesNotContain("user");
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"Architecture\":\"arm64\"}"))
        .contains("architecture");
    assertThat(Advice.of(config("{}"), Optional.empty(), Optional.of(Compression.ZSTD)))
        .anySatisfy(finding -> {
          assertThat(finding.code()).isEqualTo("compression");
          assertThat(finding.level()).isEqualTo(Level.ERROR);
        });
  }

  @Test
  void wrongPathsAndVariablesAreErrors() {
    assertThat(codes("{\"Volumes\":{\"work\":{}}}")).contains("bad-volume");
    assertThat(codes("{\"Volumes\":{\"/a/../b\":{}}}")).contains("bad-volume");
    assertThat(codes("{\"Volumes\":{\"/\":{}}}")).contains("root-volume");
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"Env\":[\"=x\"]}")).contains("bad-environment");
    assertThat(codes("{\"Volumes\":{\"/w\":{}},\"WorkingDir\":\"w\"}")).contains("bad-workdir");
  }

  @Test
  void contentUnderAVolumeIsToldWithItsSize() {
    var collector =
        new TreeFacts.Collector(new TreeSet<>(List.of("/golem/work", "/golem/wor", "/data/")));
    collector.add("golem/work", true, 0);
    collector.add("golem/work/a", false, 1500);
    collector.add("golem/work/d", true, 0);
    collector.add("golem/works", false, 7);
    collector.add("data/x", false, 1);
    collector.add("usr/lib/x/y", false, 90_000_000);
    collector.add("top", false, 2);
    TreeFacts facts = collector.facts();

    assertThat(facts.hidden()).containsOnlyKeys("/golem/work", "/data/");
    assertThat(facts.hidden().get("/golem/work")).isEqualTo(new TreeFacts.Hidden(2, 1500));
    assertThat(facts.largest().getFirst())
        .isEqualTo(new TreeFacts.FolderSize("/usr/lib", 90_000_000));
    assertThat(facts.largest()).contains(new TreeFacts.FolderSize("/", 2));
    assertThat(facts.files()).isEqualTo(5);
    List<Finding> findings =
        Advice.of(config("{\"Volumes\":{\"/w\":{}}}"), Optional.of(facts), Optional.empty());
    assertThat(findings.getFirst().message()).contains("/data/", "1 entry, 1 byte");
    assertThat(findings.get(1).message()).contains("/golem/work", "2 entries, 1.5 kB");
    assertThat(findings.get(2).message()).contains("/usr/lib 90.0 MB");
  }

  @Test
  void aTrailerIsWrittenAndReadBack() {
    ContainerConfig config =
        config(
            "{\"Volumes\":{\"/b\":{},\"/a\":{}},\"Env\":[\"A=1\",\"B=2\"],\"Cmd\":[\"c\"],\"Entrypoint\":[\"e\"],\"WorkingDir\":\"/w\",\"User\":\"1:2\",\"ExposedPorts\":{\"80/tcp\":{}},\"Image\":\"ab\",\"Labels\":{\"x\":\"y\"}}");
    assertThat(config(config.json())).isEqualTo(config);
    assertThat(config.json())
        .isEqualTo(
            "{\"User\":\"1:2\",\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=1\",\"B=2\"],\"Cmd\":[\"c\"],\"Image\":\"ab\",\"Volumes\":{\"/a\":{},\"/b\":{}},\"WorkingDir\":\"/w\",\"Entrypoint\":[\"e\"]}");
    assertThat(config.command()).containsExactly("e", "c");
    assertThat(config.withEnv(List.of("A=3", "C=4")).env()).containsExactly("A=3", "B=2", "C=4");
  }

  @Test
  void jsonOfAnotherFormIsAnEmptyConfiguration() {
    ContainerConfig empty = config("{}");
    assertThat(
            config(
                    "{\"Volumes\":[\"/a\"],\"Env\":\"A=1\",\"Cmd\":{\"a\":\"b\"},\"WorkingDir\":3,\"ExposedPorts\":null}")
                .withWorkingDir(""))
        .isEqualTo(empty);
    assertThat(config("[]")).isEqualTo(empty);
  }
}
