package dev.gvmi.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DataDirTest {
  private static final Map<String, String> ALL =
      Map.of("GVMI_P2P_HOME", "/own", "XDG_DATA_HOME", "/xdg", "HOME", "/home/u");

  @Test
  void optionComesFirst() {
    assertThat(DataDir.resolve(Path.of("/opt/../d"), ALL)).isEqualTo(Path.of("/d"));
  }

  @Test
  void thenOwnVariableThenXdgThenHome() {
    assertThat(DataDir.resolve(null, ALL)).isEqualTo(Path.of("/own"));
    assertThat(DataDir.resolve(null, Map.of("XDG_DATA_HOME", "/xdg")))
        .isEqualTo(Path.of("/xdg/gvmi-p2p"));
    assertThat(DataDir.resolve(null, Map.of("XDG_DATA_HOME", "rel", "HOME", "/home/u")))
        .isEqualTo(Path.of("/home/u/.local/share/gvmi-p2p"));
  }
}
