package dev.gvmi.node.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FileStampTest {
  private static final FileStamp STAMP = new FileStamp(1, 100, 2000, 3000, 1);

  @Test
  void anotherInodeSizeOrMtimeIsAnotherContent() {
    assertThat(STAMP.sameContent(STAMP)).isTrue();
    assertThat(STAMP.sameContent(new FileStamp(2, 100, 2000, 3000, 1))).isFalse();
    assertThat(STAMP.sameContent(new FileStamp(1, 101, 2000, 3000, 1))).isFalse();
    assertThat(STAMP.sameContent(new FileStamp(1, 100, 2001, 3000, 1))).isFalse();
  }

  @Test
  void anotherCtimeIsAChangeUnlessTheLinksChangedToo() {
    assertThat(STAMP.sameContent(new FileStamp(1, 100, 2000, 3001, 1))).isFalse();
    assertThat(STAMP.sameContent(new FileStamp(1, 100, 2000, 3001, 2))).isTrue();
    assertThat(STAMP.sameContent(new FileStamp(1, 101, 2000, 3001, 2))).isFalse();
  }

  @Test
  void whoMadeALinkDoesNotMindTheCtime() {
    assertThat(STAMP.sameButForLinks(new FileStamp(1, 100, 2000, 3001, 1))).isTrue();
    assertThat(STAMP.sameButForLinks(new FileStamp(1, 100, 2001, 3000, 1))).isFalse();
  }
}
