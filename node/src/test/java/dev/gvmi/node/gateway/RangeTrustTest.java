package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.image.ImageId;
import org.junit.jupiter.api.Test;

final class RangeTrustTest {
  private static final ImageId A = TestImage.random(10, 1).id();
  private static final ImageId B = TestImage.random(10, 2).id();

  private final RangeTrust trust = new RangeTrust(2);

  @Test
  void whatProvesTrueMayBeGoneOnWith() {
    trust.sending(A, 1);
    trust.sending(A, 1);
    trust.proven(A, 1);
    assertThat(trust.acceptsRanges(A)).isTrue();
  }

  @Test
  void whatProvesFalseMayNot() {
    trust.sending(A, 1);
    trust.falsified(A);
    assertThat(trust.acceptsRanges(A)).isFalse();
    assertThat(trust.acceptsRanges(B)).isTrue();
  }

  @Test
  void norWhatIsFollowedByOtherBytes() {
    trust.sending(A, 1);
    trust.sending(A, 2);
    assertThat(trust.acceptsRanges(A)).isFalse();
    trust.sending(B, 1);
    trust.proven(B, 2);
    assertThat(trust.acceptsRanges(B)).isFalse();
    trust.proven(B, 2);
    assertThat(trust.acceptsRanges(B)).isFalse();
  }

  @Test
  void ofWhatNothingWasSentNothingIsWrong() {
    trust.falsified(A);
    trust.proven(A, 1);
    assertThat(trust.acceptsRanges(A)).isTrue();
  }

  @Test
  void theLatestAreRemembered() {
    ImageId c = TestImage.random(10, 3).id();
    for (ImageId image : new ImageId[] {A, B, c}) {
      trust.sending(image, 1);
      trust.falsified(image);
    }
    assertThat(trust.acceptsRanges(A)).isTrue();
    assertThat(trust.acceptsRanges(B)).isFalse();
    assertThat(trust.acceptsRanges(c)).isFalse();
  }
}
