package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SpaceTest {
  private final Space space = new Space(1000, () -> 500);

  @Test
  void takesWhatFitsIntoWhatIsFree() {
    assertThat(space.refusal(500, 0)).isEmpty();
    assertThat(space.refusal(501, 0).orElseThrow()).contains("only 500 bytes are free");
  }

  @Test
  void whatIsHereNeedsNoMoreRoom() {
    assertThat(space.refusal(900, 400)).isEmpty();
    assertThat(space.refusal(900, 399)).isPresent();
  }

  @Test
  void takesNothingLargerThanTheMaximum() {
    assertThat(space.refusal(1000, 1000)).isEmpty();
    assertThat(space.refusal(1001, 1001).orElseThrow()).contains("1000 bytes");
  }
}
