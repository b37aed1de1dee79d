package dev.gvmi.node.fetch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that grows at its end, and is read as far as it has come.
 *
 * <p><b>Thread:</b> one appends, any read; an interrupt of a reader does not close it for others.
 */
final class GrowingFile implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;

  private final Path path;
  private final RandomAccessFile writer;
  private final ReentrantLock reading = new ReentrantLock();

  @GuardedBy("reading")
  private final RandomAccessFile reader;

  private final ReentrantLock growing = new ReentrantLock();
  private final Condition grown = growing.newCondition();

  /** Of the appending thread. */
  private long appended;

  /** Written by the appending thread under the lock; read without it. */
  private volatile long sizeBytes;

  private volatile boolean closed;

  /** Of an empty file that exists. */
  GrowingFile(Path path) throws IOException {
    this.path = path;
    this.writer = new RandomAccessFile(path.toFile(), "rw");
    try {
      this.reader = new RandomAccessFile(path.toFile(), "r");
    } catch (IOException e) {
      writer.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  void append(byte[] bytes, int length) throws IOException {
    writer.write(bytes, 0, length);
    appended += length;
    growing.lock();
    try {
      sizeBytes = appended;
      grown.signalAll();
    } finally {
      growing.unlock();
    }
  }

  /** Waits until so many bytes are here; {@link IOException} if they will not come. */
  void await(long bytes) throws IOException {
    growing.lock();
    try {
      while (sizeBytes < bytes) {
        if (closed) {
          throw new EOFException(path + " ended after " + sizeBytes + " bytes");
        }
        grown.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      growing.unlock();
    }
  }

  /** Fills {@code target} with bytes that are here. */
  void read(long offsetBytes, ByteBuffer target) throws IOException {
    if (offsetBytes < 0 || target.remaining() > sizeBytes - offsetBytes) {
      throw new EOFException("only " + sizeBytes + " bytes of " + path + " are here");
    }
    byte[] piece = new byte[Math.min(PIECE_BYTES, target.remaining())];
    reading.lock();
    try {
      reader.seek(offsetBytes);
      while (target.hasRemaining()) {
        int count = Math.min(piece.length, target.remaining());
        reader.readFully(piece, 0, count);
        target.put(piece, 0, count);
      }
    } finally {
      reading.unlock();
    }
  }

  /** Closes it; the file stays. Who waits for more is told that it does not come. Idempotent. */
  @Override
  public void close() throws IOException {
    growing.lock();
    try {
      closed = true;
      grown.signalAll();
    } finally {
      growing.unlock();
    }
    try {
      writer.close();
    } finally {
      reading.lock();
      try {
        reader.close();
      } finally {
        reading.unlock();
      }
    }
  }
}
