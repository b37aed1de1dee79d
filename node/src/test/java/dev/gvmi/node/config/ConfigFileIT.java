package dev.gvmi.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileIT {
  @TempDir private Path folder;

  @Test
  void aFileOfTheMostBytesIsReadAndOneMoreIsNot() throws Exception {
    Path file = folder.resolve("config.toml");
    Files.writeString(file, "#".repeat(ConfigFile.MAX_BYTES));
    assertThat(ConfigFile.read(file).settings()).isEqualTo(Settings.NONE);

    Files.writeString(file, "#".repeat(ConfigFile.MAX_BYTES + 1));
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageContaining("more than 65536 bytes");
  }
}
