package dev.gvmi.node.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock within one process; that of two processes is in ImageStoreCrashIT. */
final class DirectoryLockIT {
  @TempDir private Path temp;

  @Test
  void isHeldOnceWhateverTheDirectoryIsCalled() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("folder"));
    Path alias = Files.createSymbolicLink(temp.resolve("alias"), folder);
    String pid = Long.toString(ProcessHandle.current().pid());
    try (DirectoryLock lock = DirectoryLock.take(folder)) {
      assertThat(lock).isNotNull();
      assertThat(folder.resolve("lock")).hasContent(pid);
      assertThatThrownBy(() -> DirectoryLock.take(alias))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("pid " + pid);
    }
  }

  @Test
  void isFreeAgainAfterClose() throws IOException {
    DirectoryLock.take(temp).close();
    DirectoryLock.take(temp).close();
  }

  @Test
  void aVainAttemptDoesNotFreeIt() throws IOException {
    try (DirectoryLock lock = DirectoryLock.take(temp)) {
      assertThat(lock).isNotNull();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> DirectoryLock.take(temp)).isInstanceOf(StoreException.class);
      }
    }
  }

  @Test
  void aLockThatCannotBeMadeLeavesNothingHeld() throws IOException {
    Path inTheWay = Files.createDirectory(temp.resolve("lock"));
    assertThatThrownBy(() -> DirectoryLock.take(temp)).isInstanceOf(IOException.class);
    Files.delete(inTheWay);
    DirectoryLock.take(temp).close();
  }
}
