package dev.gvmi.node.registry;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.sha256.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * Takes the bytes of one chunk to their place in the image's file, hashing them on the way. They
 * count once they are proven and on the disk; until then nobody reads there.
 *
 * <p><b>Thread:</b> one; an interrupt closes the file, and no more than this chunk is lost.
 */
final class ChunkWriter extends OutputStream {
  private final Upload upload;
  private final int chunk;
  private final long length;
  private final MessageDigest digest = Sha256.jdk();
  private final FileChannel file;
  private long count;

  ChunkWriter(Upload upload, int chunk) {
    this.upload = upload;
    this.chunk = chunk;
    this.length = upload.descriptor().chunkLength(chunk);
    try {
      this.file = FileChannel.open(upload.file(), StandardOpenOption.WRITE);
    } catch (IOException e) {
      upload.ended(chunk);
      throw fault(e);
    }
  }

  private StoreException fault(IOException e) {
    return StoreException.of("write chunk " + chunk + " of an upload", e);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int size) throws IOException {
    if (size > length - count) {
      throw new RefusedException(400, "chunk " + chunk + " has more than its " + length + " bytes");
    }
    digest.update(bytes, offset, size);
    try {
      Durable.writeAll(
          file,
          ByteBuffer.wrap(bytes, offset, size),
          upload.descriptor().chunkOffset(chunk) + count);
    } catch (IOException e) {
      throw fault(e);
    }
    count += size;
  }

  /** All of it has come. */
  void finish(Instant now) throws RefusedException {
    if (count != length) {
      throw new RefusedException(400, "chunk " + chunk + " has " + count + " bytes, not " + length);
    }
    if (!upload.descriptor().isHashOf(chunk, digest.digest())) {
      throw new RefusedException(
          422, "the bytes of chunk " + chunk + " have not the SHA-256 that the descriptor says");
    }
    try {
      file.force(false);
      upload.here(chunk, now);
    } catch (RefusedException e) {
      throw e;
    } catch (IOException e) {
      throw fault(e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw fault(e);
    } finally {
      upload.ended(chunk);
    }
  }
}
