package dev.gvmi.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandsTest {
  @Test
  void everyCommandIsKnownByItsOwnName() {
    var all = Commands.lineFor(new GvmiCommand(), "--help").getSubcommands();
    assertThat(all.keySet()).containsExactlyElementsOf(Commands.NAMES);
    all.forEach((name, line) -> assertThat(line.getCommandSpec().name()).isEqualTo(name));
  }

  @Test
  void onlyWhatIsNamedIsDescribed() {
    assertThat(Commands.namesFor(List.of("--json", "list", "abc"))).containsExactly("list");
    assertThat(Commands.namesFor(List.of("--version"))).isEmpty();
  }

  @Test
  void aValueThatIsNamedAsACommandOnlyAddsOne() {
    assertThat(Commands.namesFor(List.of("--data-dir", "pin", "list")))
        .containsExactly("list", "pin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "prefech", "completion"})
  void allAreDescribedForHelpForAWrongNameAndForCompletion(String argument) {
    assertThat(Commands.namesFor(List.of(argument))).isEqualTo(Commands.NAMES);
  }
}
