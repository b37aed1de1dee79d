package dev.gvmi.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.Announcement;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private final Outbox outbox = new Outbox();

  private static ImageId image(int number) {
    return ImageId.parseHex("%056x".formatted(number));
  }

  private static Announcement.Gained gained(int image, boolean complete) {
    return new Announcement.Gained(image(image), ManifestId.parseHex("cd".repeat(32)), 1, complete);
  }

  @Test
  void ofEachImageTheLastStateIsTold() {
    outbox.gained(gained(1, false));
    outbox.gained(gained(2, false));
    outbox.gained(gained(1, true));
    outbox.dropped(image(2));
    Announcement told = outbox.next().orElseThrow();
    assertThat(told.gained()).containsExactly(gained(1, true));
    assertThat(told.dropped()).containsExactly(image(2));
    assertThat(outbox.next()).isEmpty();
  }

  @Test
  void moreThanAMessageHoldsIsToldInSeveral() {
    for (int i = 0; i < Announcement.MAX_ENTRIES + 1; i++) {
      outbox.gained(gained(i, true));
    }
    assertThat(outbox.next().orElseThrow().gained()).hasSize(Announcement.MAX_ENTRIES);
    assertThat(outbox.next().orElseThrow().gained()).hasSize(1);
    assertThat(outbox.next()).isEmpty();
  }

  @Test
  void oneSendsAtATimeAndGoesOnWhileThereIsNews() {
    assertThat(outbox.beginToSend()).as("nothing to tell").isFalse();
    outbox.gained(gained(1, true));
    assertThat(outbox.beginToSend()).isTrue();
    assertThat(outbox.beginToSend()).isFalse();
    assertThat(outbox.next()).isPresent();
    outbox.gained(gained(2, true));
    assertThat(outbox.finished()).isFalse();
    assertThat(outbox.beginToSend()).isFalse();
    assertThat(outbox.next()).isPresent();
    assertThat(outbox.finished()).isTrue();
    outbox.gained(gained(3, true));
    assertThat(outbox.beginToSend()).isTrue();
  }

  @Test
  void whatAPeerCannotBeToldIsLetGo() {
    outbox.gained(gained(1, true));
    assertThat(outbox.beginToSend()).isTrue();
    outbox.giveUp();
    assertThat(outbox.next()).isEmpty();
    outbox.gained(gained(2, true));
    assertThat(outbox.beginToSend()).isTrue();
  }

  @Test
  void noMoreIsKeptThanAPeerTakesIn() {
    for (int i = 0; i < Announcements.MAX_PER_PEER + 10; i++) {
      outbox.gained(gained(i, true));
    }
    int told = 0;
    while (outbox.next().map(message -> message.gained().size()).orElse(0) > 0) {
      told++;
    }
    assertThat(told).isEqualTo(Announcements.MAX_PER_PEER / Announcement.MAX_ENTRIES);
  }
}
