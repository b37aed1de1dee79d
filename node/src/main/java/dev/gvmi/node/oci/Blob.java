package dev.gvmi.node.oci;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Bytes of a source that can be read more than once. */
interface Blob {
  int BUFFER_BYTES = 1 << 16;

  long sizeBytes();

  InputStream open() throws IOException;

  /** All of it, if it is not longer than this. */
  default byte[] bytes(int max, String what) throws IOException {
    if (sizeBytes() > max) {
      throw new InvalidSourceException(what + " has " + sizeBytes() + " bytes, more than " + max);
    }
    try (InputStream in = open()) {
      byte[] all = in.readNBytes((int) sizeBytes());
      if (all.length != sizeBytes()) {
        throw new InvalidSourceException(what + " is truncated");
      }
      return all;
    }
  }

  /** A whole file. */
  record OfFile(Path file, long sizeBytes) implements Blob {
    /** Empty if there is no such file; a symbolic link is none. */
    static Optional<Blob> find(Path file) throws IOException {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          ? Optional.of(new OfFile(file, Files.size(file)))
          : Optional.empty();
    }

    @Override
    public InputStream open() throws IOException {
      return new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    }
  }

  /** A stretch of an open file. */
  record OfRegion(FileChannel channel, long offsetBytes, long sizeBytes) implements Blob {
    @Override
    public InputStream open() {
      return new BufferedInputStream(new Region(channel, offsetBytes, sizeBytes), BUFFER_BYTES);
    }
  }

  /** Reads by position, so that several may be open at once. */
  final class Region extends InputStream {
    private final FileChannel channel;
    private long at;
    private final long end;

    Region(FileChannel channel, long offsetBytes, long sizeBytes) {
      this.channel = channel;
      this.at = offsetBytes;
      this.end = offsetBytes + sizeBytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (at >= end) {
        return -1;
      }
      int count =
          channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - at)), at);
      if (count > 0) {
        at += count;
      }
      return count;
    }

    @Override
    public long skip(long bytes) {
      long skipped = Math.clamp(bytes, 0, end - at);
      at += skipped;
      return skipped;
    }
  }

  /** A stream over an open file from its start. */
  static InputStream stream(FileChannel channel) throws IOException {
    return new BufferedInputStream(Channels.newInputStream(channel.position(0)), BUFFER_BYTES);
  }
}
