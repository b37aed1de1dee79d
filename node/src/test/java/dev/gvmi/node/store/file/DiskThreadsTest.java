package dev.gvmi.node.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.thread.FileThread;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DiskThreadsTest {
  private final DiskThreads threads = new DiskThreads();

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void anyThreadIsKeptOutOfFiles() {
    String name = threads.call("ask", () -> Thread.currentThread().getName());
    assertThat(name).startsWith("store-");
  }

  @Test
  void aThreadThatEntersFilesIsNotHandedOver() throws Exception {
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    Thread caller =
        FileThread.factory("reader-")
            .newThread(() -> ran.complete(threads.call("ask", Thread::currentThread)));
    caller.start();
    assertThat(ran.get(10, TimeUnit.SECONDS)).isSameAs(caller);
    assertThat(caller.isDaemon()).isTrue();
  }

  @Test
  void aFaultOfTheDiskSaysWhatWasTried() {
    assertThatThrownBy(() ->
            threads.run(
                "read x",
                () -> {
                  throw new IOException("broken");
                }))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("read x")
        .hasMessageContaining("broken");
  }

  @Test
  void nothingIsBegunOnceItIsClosed() {
    threads.close();
    assertThatThrownBy(() -> threads.run("read x", () -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }
}
