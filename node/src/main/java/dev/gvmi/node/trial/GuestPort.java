package dev.gvmi.node.trial;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One direction out of the machine: a socket to which the emulator connects.
 *
 * <p><b>Thread:</b> a virtual one copies; any may close.
 */
final class GuestPort implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long FINISH_SECONDS = 5;

  private final ServerSocketChannel server;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /** Takes bytes as they come. */
  @FunctionalInterface
  interface Sink {
    void accept(byte[] bytes, int length);
  }

  private GuestPort(ServerSocketChannel server) {
    this.server = server;
  }

  @MustBeClosed
  static GuestPort listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      return new GuestPort(server.bind(UnixDomainSocketAddress.of(path)));
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  void copy(Sink sink) {
    Thread.ofVirtual().name("gvmi-try").start(() -> copyAll(sink));
  }

  private void copyAll(Sink sink) {
    try (SocketChannel channel = server.accept()) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      while (channel.read(buffer) >= 0) {
        sink.accept(buffer.array(), buffer.position());
        buffer.clear();
      }
      done.complete(null);
    } catch (AsynchronousCloseException closed) {
      done.complete(null);
    } catch (IOException | RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  /** Waits until all that came was handed on; the emulator has ended. */
  void finish() throws IOException, InterruptedException {
    try {
      done.get(FINISH_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException neverConnected) {
      server.close();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException("the output of the machine was lost: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
