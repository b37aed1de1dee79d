package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StartIT {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"client.aot", "node.aot"})
  void anAotCacheOfTheBuildFitsTheProgram(String cache) throws Exception {
    Program.Ended ended = Program.runOnlyWith(cache, folder, "--version");
    assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
  }
}
